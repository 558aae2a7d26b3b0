import { isMap } from "@lava/core";
import * as z from "zod";
import { valueAt } from "./issue-text.ts";

type Schema = z.core.$ZodType;

/** The names that a map may have at a path: for "did you mean". */
export function allowedFields(
  schema: Schema,
  path: readonly (string | number)[],
  data: unknown,
): string[] {
  const names = schemasAt(schema, path, data).flatMap((found) =>
    variants(found).flatMap((item) => (item instanceof z.ZodObject ? Object.keys(item.shape) : [])),
  );
  return [...new Set(names)];
}

/** The words that tell the variants of a map apart, given the path of the field that has the word. */
export function variantsOf(
  schema: Schema,
  path: readonly (string | number)[],
  data: unknown,
): string[] | undefined {
  const parents = schemasAt(schema, path.slice(0, -1), data, "whole");
  const union = parents.find((item) => item instanceof z.ZodDiscriminatedUnion);
  if (union === undefined || union.def.discriminator !== path.at(-1)) return undefined;
  return union.options.flatMap((option) => wordsOf(option, union.def.discriminator));
}

function wordsOf(option: unknown, key: string): string[] {
  if (!(option instanceof z.ZodObject)) return [];
  const field = option.shape[key];
  return field instanceof z.ZodLiteral ? [...field.values].map(String) : [];
}

/** The schemas that can stand at a path; of a union, the variant that the data chose. */
function schemasAt(
  schema: Schema,
  path: readonly (string | number)[],
  data: unknown,
  unions: "chosen" | "whole" = "chosen",
): Schema[] {
  let found: Schema[] = [unwrap(schema)];
  path.forEach((part, index) => {
    const value = valueAt(data, path.slice(0, index));
    found = found
      .flatMap((item) => choose(item, value))
      .flatMap((item) => child(item, part))
      .map((item) => unwrap(item));
  });
  return unions === "whole" ? found : found.flatMap((item) => choose(item, valueAt(data, path)));
}

function choose(schema: Schema, value: unknown): Schema[] {
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const key = schema.def.discriminator;
    const word = isMap(value) ? value[key] : undefined;
    return schema.options.filter(
      (option) => typeof word !== "string" || wordsOf(option, key).includes(word),
    );
  }
  return variants(schema);
}

function variants(schema: Schema): Schema[] {
  if (schema instanceof z.ZodUnion) {
    return schema.options.flatMap((option) => variants(unwrap(option)));
  }
  return [schema];
}

function child(schema: Schema, part: string | number): Schema[] {
  if (schema instanceof z.ZodObject) {
    const field: unknown = schema.shape[part];
    return field instanceof z.ZodType ? [field] : [];
  }
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  if (schema instanceof z.ZodArray) return [schema.element];
  return [];
}

/** What is inside of an optional, a default or a preprocessing. */
function unwrap(schema: Schema): Schema {
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap());
  if (schema instanceof z.ZodNullable) return unwrap(schema.unwrap());
  if (schema instanceof z.ZodDefault) return unwrap(schema.unwrap());
  if (schema instanceof z.ZodPipe) {
    return unwrap(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  }
  return schema;
}
