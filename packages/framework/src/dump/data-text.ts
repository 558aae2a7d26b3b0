import { type Data, DecimalValue, FloatValue, isMap } from "@lava/core";
import { stringify } from "yaml";
import { pythonJson } from "../build/python-json.ts";

/**
 * Data as JSON (4 spaces, sorted) or YAML (block style, sorted), numbers with all their digits (CLI-096, CLI-102).
 * Bytes become a map `{"$bytes": base64}`.
 */
export function dataText(value: Data, format: "json" | "yaml"): string {
  const plain = withoutBytes(value);
  if (format === "json") return `${pythonJson(plain, 4)}\n`;
  return stringify(plain, {
    version: "1.1",
    schema: "yaml-1.1",
    sortMapEntries: true,
    lineWidth: 0,
    customTags: [
      {
        tag: "tag:yaml.org,2002:float",
        default: true,
        identify: (item) => item instanceof DecimalValue || item instanceof FloatValue,
        resolve: Number,
        stringify: ({ value: item }) =>
          item instanceof DecimalValue
            ? item.text
            : pythonJson(item instanceof FloatValue ? item : 0),
      },
    ],
  });
}

function withoutBytes(value: Data): Data {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map((item: Data) => withoutBytes(item));
  if (value instanceof DecimalValue || value instanceof FloatValue) return value;
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withoutBytes(item)]),
  );
}
