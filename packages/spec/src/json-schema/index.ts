import * as z from "zod";
import { strictConfigMap } from "../config/config-map.ts";
import { connectionFields } from "../connection/connection-fields.ts";
import { connectionTypes } from "../connection/index.ts";
import { jobTypes } from "../job/index.ts";
import { jobFields } from "../job/job-fields.ts";
import { strictRealmSpec } from "../realm.ts";
import { strictRuleSpec } from "../rule.ts";
import { strictS3TriggerSpec } from "../s3trigger.ts";
import type { SpecKind } from "../validate-spec.ts";
import { allowBuildTemplates } from "./allow-build-templates.ts";

/** A JSON Schema, draft 7: what editors read best. */
export type JsonSchema = { readonly [key: string]: unknown };

/**
 * The JSON Schema of a kind of spec, for editors. It knows a little less than `validateSpec`, and lets a
 * template of build time (`<{ ... }>`) stand for any value.
 */
export function specJsonSchema(kind: SpecKind): JsonSchema {
  const { definitions, ...schema } = SCHEMAS[kind]();
  const whole = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: `lava ${kind}`,
    ...schema,
    ...(definitions === undefined ? {} : { definitions }),
  };
  return kind === "config" ? whole : allowBuildTemplates(whole);
}

const FOREIGN = { "^[xX]-": { description: "Fields of others; lava ignores them." } };

const SCHEMAS: { readonly [K in SpecKind]: () => JsonSchema } = {
  job: jobSchema,
  connection: connectionSchema,
  s3trigger: () => ({ ...convert(strictS3TriggerSpec), patternProperties: FOREIGN }),
  rule: () => ({ ...convert(strictRuleSpec), patternProperties: FOREIGN }),
  realm: realmSchema,
  config: configSchema,
};

/** Names in small letters are good too (CFG-100), but editors offer those in capitals. */
function configSchema(): JsonSchema {
  return { ...convert(strictConfigMap), patternProperties: { "^[a-z]": {} } };
}

function realmSchema(): JsonSchema {
  const schema = convert(strictRealmSpec);
  const properties = members(schema["properties"]);
  const config = { ...members(properties["config"]), ...configSchema() };
  return { ...schema, properties: { ...properties, config }, patternProperties: FOREIGN };
}

/** The fields of all jobs at the top; payload and parameters according to the type. */
function jobSchema(): JsonSchema {
  const types = Object.values(jobTypes);
  const base = convert(
    z.strictObject({
      type: z.string(),
      ...jobFields,
      payload: z.unknown().describe("What to run; its form depends on the type."),
      parameters: z
        .record(z.string(), z.unknown())
        .nullish()
        .describe("How to run it; the fields depend on the type."),
    }),
  );
  return {
    ...withTypes(base, types),
    patternProperties: FOREIGN,
    allOf: types.map((type) => {
      const fields = convert(
        z.strictObject({
          payload: type.payload,
          parameters: type.parameters
            .nullish()
            .describe(`How it runs: parameters of ${type.type} jobs.`),
        }),
      );
      const needed = needsParameters(type.parameters) ? { required: ["parameters"] } : {};
      return ifType(type.type, { properties: fields["properties"], ...needed });
    }),
  };
}

/** All connections share few fields, so each type lists what it may have. */
function connectionSchema(): JsonSchema {
  const types = Object.values(connectionTypes);
  const { additionalProperties: _open, ...base } = convert(
    z.strictObject({ type: z.string(), ...connectionFields }),
  );
  const shared = Object.fromEntries(
    ["type", ...Object.keys(connectionFields)].map((name) => [name, {}]),
  );
  return {
    ...withTypes(base, types),
    allOf: types.map((type) => {
      const fields = convert(type.fields);
      return ifType(type.type, {
        ...fields,
        properties: { ...shared, ...members(fields["properties"]) },
        patternProperties: FOREIGN,
      });
    }),
  };
}

function ifType(type: string, then: JsonSchema): JsonSchema {
  const condition = { properties: { type: { const: type } }, required: ["type"] };
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema: this is never awaited
  return { if: condition, then };
}

/** Puts the list of types, each with what it does, in place of the field `type`. */
function withTypes(
  schema: JsonSchema,
  types: readonly { readonly type: string; readonly summary: string }[],
): JsonSchema {
  return {
    ...schema,
    properties: {
      ...members(schema["properties"]),
      type: {
        description: "The type: what kind of thing this is.",
        enum: types.map(({ type }) => type),
        markdownEnumDescriptions: types.map(({ summary }) => summary),
      },
    },
  };
}

function needsParameters(schema: z.ZodType): boolean {
  return (
    schema instanceof z.ZodObject &&
    Object.values(schema.shape).some(
      (field) => field instanceof z.ZodType && field._zod.optin === undefined,
    )
  );
}

function convert(schema: z.ZodType): JsonSchema {
  const { $schema: _draft, ...json } = z.toJSONSchema(schema, { io: "input", target: "draft-07" });
  return json;
}

function members(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
