import { DecimalValue, FloatValue, isMap, suggest } from "@lava/core";
import * as z from "zod";
import { strictConfigMap } from "./config/config-map.ts";
import { strictConnectionSpec } from "./connection/index.ts";
import { strictJobSpec } from "./job/index.ts";
import { jobFields } from "./job/job-fields.ts";
import { isForeignField, trackingFields } from "./own-fields.ts";
import { strictRealmSpec } from "./realm.ts";
import { strictRuleSpec } from "./rule.ts";
import { strictS3TriggerSpec } from "./s3trigger.ts";

/** A job as people write it (all fields described; unknown ones are refused, `x-` fields allowed). */
export const jobSpec = authored(strictJobSpec, Object.keys(jobFields));

/** A connection as people write it. */
export const connectionSpec = authored(strictConnectionSpec);

/** An s3 trigger as people write it. */
export const s3triggerSpec = authored(strictS3TriggerSpec);

/** An EventBridge rule as people write it. */
export const ruleSpec = authored(strictRuleSpec);

/** A realm as people write it. */
export const realmSpec = authored(strictRealmSpec, Object.keys(strictRealmSpec.shape));

/** The configuration of a realm as people write it. */
export const configSpec = z.preprocess(
  (value) =>
    isMap(value)
      ? Object.fromEntries(
          Object.entries(toPlainNumbers(value) ?? {}).map(([name, item]) => [
            name.toUpperCase(),
            item,
          ]),
        )
      : value,
  strictConfigMap,
);

/** A strict schema before which the fields of others are taken away, and numbers of all kinds made plain. */
function authored<S extends z.ZodType>(schema: S, known = Object.keys(trackingFields)) {
  return z.preprocess((value) => withoutForeignFields(toPlainNumbers(value), known), schema);
}

/** A job without the top-level fields of others. */
export function withoutForeignJobFields(value: unknown): unknown {
  return withoutForeignFields(value, Object.keys(jobFields));
}

/** Takes away top-level `x-` fields, but not those of ours nor what looks like a misspelt one. */
function withoutForeignFields(value: unknown, known: readonly string[]): unknown {
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).filter(
      ([name]) => !isForeignField(name) || known.includes(name) || isMisspelt(name, known),
    ),
  );
}

function isMisspelt(name: string, known: readonly string[]): boolean {
  const ours = known.filter((field) => field.startsWith("x-lava-"));
  return (
    name.startsWith("x-lava-") &&
    suggest(
      name.slice(7),
      ours.map((field) => field.slice(7)),
    ) !== undefined
  );
}

/** Numbers that are more than a double are checked as one; the spec itself is not changed. */
function toPlainNumbers(value: unknown): unknown {
  if (value instanceof DecimalValue) return Number(value.text);
  if (value instanceof FloatValue) return value.value;
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map((item: unknown) => toPlainNumbers(item));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, toPlainNumbers(item)]),
  );
}
