import { type Data, DecimalValue, FloatValue, formatSize, isMap } from "@lava/core";
import { findingAt, type ProjectRule } from "./rule.ts";

/** DynamoDB keeps no larger item. */
const MAX_BYTES = 400 * 1024;

/** Items that no table of a realm can keep; what deploying adds (who, when) counts a little more. */
export const itemSizes: ProjectRule = {
  name: "item-sizes",
  check: ({ items }) =>
    items.flatMap((item) => {
      if (item.kind === "rule") return [];
      const size = sizeOf(item.data);
      if (size <= MAX_BYTES) return [];
      const [largest = ""] = Object.entries(item.data).toSorted(
        ([, a], [, b]) => sizeOf(b) - sizeOf(a),
      )[0] ?? [""];
      return [
        findingAt(item, [largest], {
          severity: "error",
          code: "item_too_large",
          message: `${item.kind} ${item.id} is too large: ${formatSize(size)}, ${formatSize(sizeOf(item.data[largest] ?? null))} of it in ${largest}; a table keeps items of at most 400 KiB. Put large texts into a payload, a large dag into S3 (x-lava-graph)`,
        }),
      ];
    }),
};

/** Bytes that a value counts for, as DynamoDB counts them. */
function sizeOf(value: Data): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, one) => sum + 1 + sizeOf(one), 3);
  }
  if (value instanceof FloatValue || value instanceof DecimalValue) return 21;
  if (isMap(value)) {
    const fields = Object.entries(value);
    return fields.reduce((sum, [name, one]) => sum + 1 + Buffer.byteLength(name) + sizeOf(one), 3);
  }
  return typeof value === "number" || typeof value === "bigint" ? String(value).length / 2 + 1 : 1;
}
