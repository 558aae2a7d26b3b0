import { type Issue, isMap } from "@lava/core";
import * as z from "zod";
import { connectionFields } from "./connection/connection-fields.ts";
import { type ConnectionSpec, connectionTypes } from "./connection/index.ts";
import type { SpecExtensions } from "./extensions.ts";
import { valueAt } from "./issue-text.ts";
import { inFileOrder, type IssuePath, issuesFromZod, type Locate } from "./issues.ts";
import { isJobType, type JobSpec, jobParameters } from "./job/index.ts";
import { jobFields } from "./job/job-fields.ts";
import type { RealmSpec } from "./realm.ts";
import type { RuleSpec } from "./rule.ts";
import type { S3TriggerSpec } from "./s3trigger.ts";
import { data as anyData } from "./scalars.ts";
import {
  withoutForeignJobFields,
  configSpec,
  connectionSpec,
  jobSpec,
  realmSpec,
  ruleSpec,
  s3triggerSpec,
} from "./strict-spec.ts";
import { takeExtensions } from "./take-extensions.ts";

/** The schemas of what people write, by kind. */
export const specSchemas = {
  job: jobSpec,
  connection: connectionSpec,
  s3trigger: s3triggerSpec,
  rule: ruleSpec,
  realm: realmSpec,
  config: configSpec,
};

/** A kind of spec. */
export type SpecKind = keyof typeof specSchemas;

/** Each kind of spec as people write it. */
export interface SpecByKind {
  readonly job: JobSpec;
  readonly connection: ConnectionSpec;
  readonly s3trigger: S3TriggerSpec;
  readonly rule: RuleSpec;
  readonly realm: RealmSpec;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A good spec, exactly as it was given: no default is ever filled in; or everything that is wrong with it. */
export type SpecResult<K extends SpecKind> =
  | { readonly ok: true; readonly value: SpecByKind[K] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Checks a spec strictly, as people's writing is checked; reports every fault, with "did you mean".
 *
 * @param extensions what plug-ins add: their job types, actions, sources and connection types are checked by their own
 *   schemas
 */
export function validateSpec<K extends SpecKind>(
  kind: K,
  data: unknown,
  locate?: Locate,
  extensions?: SpecExtensions,
): SpecResult<K> {
  const place: Locate = (path) => locate?.(asWritten(path, data));
  const own = extensions === undefined ? undefined : takeExtensions(kind, data, extensions, place);
  const rest = own === undefined ? data : own.rest;
  const issues = isMap(rest)
    ? [
        ...(own?.issues ?? []),
        ...(own?.isWhole === true ? [] : faults(kind, rest, place, extensions)),
        ...faultsBesideType(kind, rest, place),
      ]
    : [{ path: [], code: "invalid_type", message: "expected a map with the fields of the spec" }];
  if (issues.length === 0 && isSpec(kind, data)) return { ok: true, value: data };
  const merged = new Map(
    issues.map((issue) => {
      const path = asWritten(issue.path, data);
      const unknown = issue.code === "unknown_field" ? { message: unknownText(path) } : {};
      const written = { ...issue, ...unknown, path };
      return [JSON.stringify([issue.path, issue.code]), placed(kind, written, data)];
    }),
  );
  return { ok: false, issues: inFileOrder([...merged.values()]) };
}

/** The value passed the schema of its kind just before. */
function isSpec<K extends SpecKind>(_kind: K, _data: unknown): _data is SpecByKind[K] {
  return true;
}

function faults(
  kind: SpecKind,
  data: Record<string, unknown>,
  locate: Locate | undefined,
  extensions: SpecExtensions | undefined,
): Issue[] {
  const schema = specSchemas[kind];
  const checked = withParameters(kind, data);
  const result = schema.safeParse(checked);
  if (result.success) return [];
  const more = (path: IssuePath): readonly string[] => typesOfPlugins(kind, path, extensions);
  return issuesFromZod(result.error, { schema, data: checked, locate, more });
}

/** What plug-ins let people write at a place where a type is named. */
function typesOfPlugins(
  kind: SpecKind,
  path: IssuePath,
  extensions: SpecExtensions | undefined,
): readonly string[] {
  if (extensions === undefined) return [];
  const { jobs, actions, generators, connections } = extensions;
  if (path.at(-1) === "action") return Object.keys(actions);
  if (path.at(-1) !== "type") return [];
  if (path.length > 1) return path.at(-2) === "foreach" ? Object.keys(generators) : [];
  return Object.keys(kind === "job" ? jobs : kind === "connection" ? connections : {});
}

/** A job without parameters has empty ones: what its type needs is then named field by field. */
function withParameters(kind: SpecKind, data: Record<string, unknown>): Record<string, unknown> {
  return kind === "job" && (data["parameters"] ?? undefined) === undefined
    ? { ...data, parameters: {} }
    : data;
}

const SHARED_JOB = z.preprocess(
  withoutForeignJobFields,
  z.strictObject({
    ...jobFields,
    type: z.unknown().optional(),
    payload: anyData,
    parameters: z.unknown().optional(),
  }),
);
const SHARED_CONNECTION = z.object(connectionFields);

/** Where the type is not known, the fields that all types share are checked all the same. */
function faultsBesideType(
  kind: SpecKind,
  data: Record<string, unknown>,
  locate: Locate | undefined,
): Issue[] {
  const type = typeof data["type"] === "string" ? data["type"] : "";
  const shared =
    kind === "job" && !isJobType(type)
      ? SHARED_JOB
      : kind === "connection" && !Object.hasOwn(connectionTypes, type)
        ? SHARED_CONNECTION
        : undefined;
  const result = shared?.safeParse(data);
  return result === undefined || result.success
    ? []
    : issuesFromZod(result.error, {
        ...(shared === undefined ? {} : { schema: shared }),
        data,
        locate,
      });
}

function unknownText(path: IssuePath): string {
  return `unknown field "${path.at(-1) ?? ""}"`;
}

/** Says where a field belongs that stands at the wrong place of a job (CLI-136). */
function placed(kind: SpecKind, issue: Issue, data: unknown): Issue {
  if (kind !== "job" || issue.code !== "unknown_field" || !isMap(data)) return issue;
  const name = String(issue.path.at(-1));
  const type =
    typeof data["type"] === "string" && isJobType(data["type"]) ? data["type"] : undefined;
  const schema = type === undefined ? undefined : jobParameters[type];
  const isParameter = schema instanceof z.ZodObject && Object.hasOwn(schema.shape, name);
  const { suggestion: _suggestion, ...rest } = issue;
  if (issue.path.length === 1 && isParameter) {
    return { ...rest, message: `unknown field "${name}": it belongs under "parameters"` };
  }
  if (isDirectParameter(issue.path) && Object.hasOwn(jobFields, name)) {
    return {
      ...rest,
      message: `unknown field "${name}": it belongs to the job, not under "parameters"`,
    };
  }
  return issue;
}

function isDirectParameter(path: IssuePath): boolean {
  return path.length === 2 && path[0] === "parameters";
}

/** Names of configuration keys are compared in capitals; the path has them as they were written. */
function asWritten(path: IssuePath, data: unknown): IssuePath {
  const written: (string | number)[] = [];
  for (const part of path) {
    const parent = valueAt(data, written);
    const name = isMap(parent) && !Object.hasOwn(parent, part) ? sameName(parent, part) : undefined;
    written.push(name ?? part);
  }
  return written;
}

function sameName(map: Record<string, unknown>, part: string | number): string | undefined {
  return Object.keys(map).find((name) => name.toUpperCase() === part);
}
