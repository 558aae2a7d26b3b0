import { isMap } from "@lava/core";
import { expect, test } from "vitest";
import { specSchemas, type SpecKind } from "../validate-spec.ts";
import { specJsonSchema } from "./index.ts";

const kinds = Object.keys(specSchemas).filter((kind): kind is SpecKind => kind in specSchemas);

test.each(kinds)("schema/%s.schema.json is up to date (vitest -u writes it)", async (kind) => {
  const json = `${JSON.stringify(specJsonSchema(kind), null, 2)}\n`;

  await expect(json).toMatchFileSnapshot(`../../schema/${kind}.schema.json`);
});

test.each(kinds)("every field of the %s schema is described", (kind) => {
  expect(undescribed(specJsonSchema(kind), kind)).toEqual([]);
});

/** Paths of properties without a description, at any depth. */
function undescribed(schema: unknown, path: string): string[] {
  if (Array.isArray(schema)) return schema.flatMap((item) => undescribed(item, path));
  if (!isMap(schema)) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === "if") return [];
    if (key !== "properties" || !isMap(value)) return undescribed(value, path);
    return Object.entries(value).flatMap(([name, field]) => {
      const isPlaceholder = isMap(field) && Object.keys(field).length === 0;
      const isDescribed = isMap(field) && typeof field["description"] === "string";
      return [
        ...(isPlaceholder || isDescribed ? [] : [`${path}.${name}`]),
        ...undescribed(field, `${path}.${name}`),
      ];
    });
  });
}
