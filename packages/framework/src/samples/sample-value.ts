import { isMap } from "@lava/core";

/** Texts of which one fits most patterns of our schemas. */
const TEXTS = [
  "value",
  "some-bucket",
  "10m",
  "100K",
  "arn:aws:lambda:::x",
  "s3://some-bucket/x",
  "0 6 * * *",
  "rate(1 hour)",
  "me@example.com",
  "/path",
  "2026-01-01",
  "A1",
];

/** A value that fits a JSON Schema: an example of it, its default, or the least that it asks for. */
export function sampleValue(schema: unknown): unknown {
  if (!isMap(schema)) return null;
  const { examples, enum: values, anyOf, type, const: constant } = schema;
  if (constant !== undefined) return constant;
  if (Array.isArray(examples)) return examples[0];
  if (schema["default"] !== undefined) return schema["default"];
  if (Array.isArray(values)) return values[0];
  if (Array.isArray(anyOf)) return sampleValue(anyOf[0]);
  switch (Array.isArray(type) ? type[0] : type) {
    case "integer":
    case "number":
      return typeof schema["minimum"] === "number" ? schema["minimum"] : 1;
    case "boolean":
      return false;
    case "array":
      return [sampleValue(schema["items"])];
    case "object": {
      const fields = isMap(schema["properties"]) ? schema["properties"] : {};
      const required: unknown[] = Array.isArray(schema["required"]) ? schema["required"] : [];
      return Object.fromEntries(
        required
          .filter((name) => typeof name === "string")
          .map((name) => [name, sampleValue(fields[name])]),
      );
    }
    case "string":
      return sampleText(schema["pattern"]);
    default:
      return null;
  }
}

function sampleText(pattern: unknown): string {
  if (typeof pattern !== "string") return "value";
  const regex = new RegExp(pattern.replace(/\|<\[\{%\]$/, ""), "u");
  return TEXTS.find((text) => regex.test(text)) ?? "value";
}
