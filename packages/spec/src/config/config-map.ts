import * as z from "zod";
import type { ConfigKey } from "./config-key.ts";
import { configKeys } from "./index.ts";
import { readConfigValue } from "./read-config-value.ts";

const KINDS: Readonly<Record<ConfigKey["type"], string>> = {
  text: "text",
  integer: "a whole number",
  duration: 'a duration, such as "10m"',
  size: 'a size, such as "100K"',
  boolean: "true or false",
};

/** The map `config` of a realm as people write it; each value is checked as a worker would read it. */
export const strictConfigMap = z.strictObject(
  Object.fromEntries(Object.entries(configKeys).map(([name, key]) => [name, valueOf(name, key)])),
);

/** {@link strictConfigMap} with names in any case (CFG-100). */
export const configMap = z.preprocess(
  (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name.toUpperCase(), item]))
      : value,
  strictConfigMap,
);

function valueOf(name: string, key: ConfigKey): z.ZodType {
  const shown = key.defaultText ?? (key.default === null ? "none" : JSON.stringify(key.default));
  return z
    .union(kindsOf(key), { error: `expected ${KINDS[key.type]}` })
    .superRefine((value, context) => {
      const result = readConfigValue(key, value);
      if ("fault" in result) context.addIssue({ code: "custom", message: result.fault });
    })
    .optional()
    .describe(
      `${key.description} Default: ${shown}.${key.environmentOnly === true ? ` Only LAVA_${name} in the environment counts.` : ""}`,
    );
}

function kindsOf(key: ConfigKey): readonly z.ZodType[] {
  const none = key.emptyIsNone === true || key.default === null ? [z.null()] : [];
  switch (key.type) {
    case "text":
      return [key.choices === undefined ? z.string() : z.enum([...key.choices]), ...none];
    case "integer":
      return [z.int(), z.string(), ...none];
    case "boolean":
      return [z.boolean(), z.string(), ...none];
    case "duration":
    case "size":
      break;
  }
  return [z.string(), z.number(), ...none];
}
