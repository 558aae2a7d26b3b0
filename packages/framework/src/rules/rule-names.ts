import { findingAt, type ProjectRule } from "./rule.ts";

/** Rules are named `lava.<realm>.*`, which is what the standard roles may touch (FW-142, FW-143). */
export const ruleNames: ProjectRule = {
  name: "rule-names",
  check({ items, environment }) {
    const start = `lava.${environment.realm}.`;
    return items.flatMap((item) => {
      if (item.kind !== "rule" || (item.id.startsWith(start) && !item.id.includes("/"))) return [];
      return [
        findingAt(item, ["rule_id"], {
          severity: "error",
          code: "bad_rule_name",
          message: `the rule of an environment for realm ${environment.realm} is named ${start}*, without slashes`,
        }),
      ];
    });
  },
};
