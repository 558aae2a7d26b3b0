import { isMap } from "@lava/core";
import type { JsonSchema } from "./index.ts";

/** Begins a template of build time: its value is not known before the build. */
const TEMPLATE = "<[{%]";

/** Lets text with a template of build time stand wherever something more special than text is expected. */
export function allowBuildTemplates(schema: JsonSchema): JsonSchema {
  return relaxed(
    Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, within(key, value)])),
  );
}

/** Keywords whose value is a map of names, not a schema. */
const MAPS = new Set(["properties", "patternProperties", "definitions"]);

function within(key: string, value: unknown): unknown {
  if (key === "if" || key === "const" || key === "enum" || key === "default") return value;
  if (MAPS.has(key) && isMap(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        isMap(item) ? allowBuildTemplates(item) : item,
      ]),
    );
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown) => (isMap(item) ? allowBuildTemplates(item) : item));
  }
  return isMap(value) ? allowBuildTemplates(value) : value;
}

function relaxed(schema: JsonSchema): JsonSchema {
  const { type, pattern, enum: words, ...rest } = schema;
  if (Array.isArray(words)) {
    return { ...rest, anyOf: [{ enum: words }, { type: "string", pattern: TEMPLATE }] };
  }
  if (type === "boolean" || type === "number" || type === "integer") {
    return { ...rest, type: [type, "string"], pattern: TEMPLATE };
  }
  if (typeof pattern === "string") {
    return { ...rest, type, pattern: `(?:${pattern})|${TEMPLATE}` };
  }
  return schema;
}
