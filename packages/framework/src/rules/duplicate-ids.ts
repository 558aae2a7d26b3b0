import { ID_FIELD } from "../build/id-field.ts";
import { findingAt, type ProjectRule } from "./rule.ts";

/** Two specs with one id: the last to be deployed would win (FW-137). */
export const duplicateIds: ProjectRule = {
  name: "duplicate-ids",
  check({ items }) {
    const first = new Map<string, string>();
    return items.flatMap((item) => {
      const key = `${item.kind} ${item.id}`;
      const other = first.get(key);
      first.set(key, other ?? item.source);
      if (other === undefined) return [];
      return [
        findingAt(item, [ID_FIELD[item.kind]], {
          severity: "error",
          code: "duplicate_id",
          message: `${item.kind} ${item.id} is also made by ${other}`,
        }),
      ];
    });
  },
};
