import { isMap } from "@lava/core";
import { connectionTypes, jobTypes, specJsonSchema } from "@lava/spec";
import { oneOf } from "./one-of.ts";
import { sampleValue } from "./sample-value.ts";

/** Kinds of spec that there are samples of. */
export const sampleKinds = ["connection", "job", "rule", "s3trigger"] as const;
type SampleKind = (typeof sampleKinds)[number];

/** Something that a sample wants to know. */
export interface SampleQuestion {
  readonly name: string;
  readonly prompt: string;
  /** JSON text of what stands there otherwise; absent where an answer is needed. */
  readonly default?: string;
}

/** A spec to start from (FW-300 to FW-304): made of its schema, so that it is never behind it. */
export interface ItemSample {
  readonly questions: readonly SampleQuestion[];
  /** YAML text with the values in it; fields that are optional are comments, unless these are not wanted. */
  text(values: Readonly<Record<string, string>>, options?: { readonly comments?: boolean }): string;
}

/** Fields of every kind, and the marks of a project in them (FW-300). */
const COMMON: Readonly<Record<SampleKind, readonly (readonly [field: string, value: string])[]>> = {
  connection: [
    ["conn_id", "<{ prefix.job }>/{name}"],
    ["description", "{description}"],
    ["owner", "<{ owner }>"],
    ["enabled", "true"],
  ],
  job: [
    ["job_id", "<{ prefix.job }>/{name}"],
    ["description", "{description}"],
    ["owner", "<{ owner }>"],
    ["enabled", "true"],
    ["worker", "<{ worker.main }>"],
  ],
  rule: [
    ["rule_id", "<{ prefix.rule }>.{name}"],
    ["description", "{description}"],
    ["owner", "<{ owner }>"],
    ["enabled", "false"],
  ],
  s3trigger: [
    ["trigger_id", "<{ prefix.s3trigger }>/{name}"],
    ["description", "{description}"],
    ["owner", "<{ owner }>"],
    ["enabled", "true"],
  ],
};

/** What schemas do not say an example of. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  "job foreach foreach": { type: "inline", values: [{ name: "a" }, { name: "b" }] },
  "job foreach payload": "<{ prefix.job }>/new",
  "job pkg command": "run.sh",
  "job redshift_unload prefix": "some/prefix",
  "job redshift_unload s3_iam_role": "arn:aws:iam::000000000000:role/some-role",
  "connection aws role_arn": "arn:aws:iam::000000000000:role/some-role",
  "connection sharepoint client_secret": "/lava/<{ realm }>/sharepoint/secret",
  "connection smb password": "/lava/<{ realm }>/smb/password",
  "connection smb user": "lava",
  "rule  event_pattern": { source: ["aws.s3"] },
  "job dag payload": { first: null, second: "first" },
};

/** Fields that are required together with, or in place of, others, which a schema does not say in its list. */
function isNeeded(name: string, kind: SampleKind, type = ""): boolean {
  if (kind === "connection" && type !== "email" && /^(?:host|port)$/.test(name)) return true;
  return Object.hasOwn(EXAMPLES, `${kind} ${type} ${name}`);
}

/** Job types whose payload is in the payload area. */
const PAYLOADS: Readonly<Record<string, string>> = {
  exe: "sh",
  pkg: "zip",
  sql: "sql",
  sqlc: "sql",
  sqlv: "sql",
};

/** The kind whose name begins so, and its types; none where it has no types. @throws {LavaError} NO_SUCH_SAMPLE */
export function sampleTypes(kind: string): {
  readonly kind: SampleKind;
  readonly types: readonly string[];
} {
  const found = oneOf("kind", kind, sampleKinds);
  const types = found === "job" ? jobTypes : found === "connection" ? connectionTypes : {};
  return { kind: found, types: Object.keys(types) };
}

/**
 * The sample of a kind, and of a type where the kind has types; the beginning of a name will do when it is one only.
 *
 * @throws {LavaError} NO_SUCH_SAMPLE
 */
export function itemSample(kind: string, type?: string): ItemSample {
  const { kind: found, types } = sampleTypes(kind);
  const subType = types.length === 0 ? undefined : oneOf(`${found} type`, type ?? "", types);
  const sections = sectionsOf(found, subType);
  const questions: SampleQuestion[] = [
    { name: "name", prompt: "Last part of its id", default: '"new"' },
    { name: "description", prompt: "What it does", default: '"What it does"' },
    ...sections.required.map(({ name, description, value }) => ({
      name,
      prompt: description,
      default: JSON.stringify(value),
    })),
  ];
  return {
    questions,
    text(values, { comments = true } = {}) {
      const of = (name: string): string =>
        values[name] ??
        textOf(JSON.parse(questions.find((question) => question.name === name)?.default ?? '""'));
      const lines = COMMON[found].map(([field, value]) => {
        const filled = value.replace(/\{(name|description)\}/, (_, name: string) => of(name));
        return `${field}: ${field === "enabled" ? filled : scalar(filled)}`;
      });
      if (subType !== undefined) lines.push(`type: ${subType}`);
      for (const { name, path } of sections.required) {
        if (path.length === 1) lines.push(`${name}: ${valueText(of(name))}`);
      }
      const parameters = sections.required.filter(({ path }) => path.length === 2);
      const optional = sections.optional.filter(() => comments);
      const inner = optional.filter(({ path }) => path.length === 2);
      if (parameters.length > 0 || inner.length > 0) {
        const none = parameters.length === 0;
        lines.push(none ? "# parameters:" : "parameters:");
        for (const { name } of parameters) lines.push(`  ${name}: ${valueText(of(name))}`);
        for (const field of inner)
          lines.push(...(none ? commented(field, "", "  ") : commented(field, "  ")));
      }
      for (const field of optional.filter(({ path }) => path.length === 1))
        lines.push(...commented(field, ""));
      return `${lines.join("\n")}\n`;
    },
  };
}

interface SampleField {
  readonly name: string;
  readonly path: readonly string[];
  readonly description: string;
  readonly value: unknown;
}

function commented(
  { name, description, value }: SampleField,
  indent: string,
  inner = "",
): string[] {
  return [
    `${indent}# ${inner}${description}`,
    `${indent}# ${inner}${name}: ${valueText(textOf(value))}`,
  ];
}

function sectionsOf(
  kind: SampleKind,
  type: string | undefined,
): { required: SampleField[]; optional: SampleField[] } {
  const schema = specJsonSchema(kind);
  const own = type === undefined ? undefined : branchOf(schema, type);
  const skip = new Set([...COMMON[kind].map(([field]) => field), "type", "parameters"]);
  const required: SampleField[] = [];
  const optional: SampleField[] = [];
  const take = (from: unknown, parent: readonly string[]): void => {
    if (!isMap(from)) return;
    const must = Array.isArray(from["required"]) ? from["required"] : [];
    for (const [name, field] of Object.entries(mapOf(from["properties"]))) {
      if (parent.length === 0 && (skip.has(name) || /^[xX]-/.test(name))) continue;
      if (!isMap(field) || Object.keys(field).length === 0) continue;
      const isRequired =
        must.includes(name) ||
        (name === "payload" && parent.length === 0) ||
        isNeeded(name, kind, type);
      const description =
        typeof field["description"] === "string"
          ? field["description"].replaceAll("\n", " ")
          : name;
      const value = sampleOf(name, field, kind, type);
      (isRequired ? required : optional).push({
        name,
        path: [...parent, name],
        description,
        value,
      });
      skip.add(parent.length === 0 ? name : "");
    }
  };
  take(own, []);
  take(mapOf(mapOf(own)["properties"])["parameters"], ["parameters"]);
  const shape = mapOf(mapOf(mapOf(own)["properties"])["parameters"]);
  if (Array.isArray(shape["anyOf"])) take(shape["anyOf"][0], ["parameters"]);
  take(schema, []);
  return { required, optional };
}

function sampleOf(
  name: string,
  field: Readonly<Record<string, unknown>>,
  kind: SampleKind,
  type = "",
): unknown {
  const key = `${kind} ${type} ${name}`;
  if (Object.hasOwn(EXAMPLES, key)) return EXAMPLES[key];
  if (name === "payload" && Object.hasOwn(PAYLOADS, type))
    return `<{ prefix.payload }>/new.${PAYLOADS[type] ?? ""}`;
  if (kind === "s3trigger" && name === "job_id") return "<{ prefix.job }>/new";
  if (/^(?:.*_)?conn_id$/.test(name)) return "<{ prefix.job }>/new";
  return sampleValue(field);
}

/** What the schema says of one type. */
function branchOf(schema: unknown, type: string): unknown {
  const branches = mapOf(schema)["allOf"];
  if (!Array.isArray(branches)) return undefined;
  const own = branches.find((branch: unknown) => {
    const condition = mapOf(mapOf(mapOf(mapOf(branch)["if"])["properties"])["type"]);
    return condition["const"] === type;
  });
  return mapOf(own)["then"];
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return isMap(value) ? value : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A value as YAML: JSON and plain words as they are, other texts in quotes. */
function valueText(text: string): string {
  return /^(?:[[{]|-?\d+(?:\.\d+)?$|true$|false$|null$)/.test(text) && !text.includes("<{")
    ? text
    : scalar(text);
}

function scalar(text: string): string {
  return /^[A-Za-z/.][\w ./-]*$/.test(text) &&
    !/^(?:yes|no|on|off|true|false|null|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
