import { type Issue, isMap } from "@lava/core";
import type * as z from "zod";
import { connectionFields } from "./connection/connection-fields.ts";
import type { SpecExtensions } from "./extensions.ts";
import { type IssuePath, issuesFromZod, type Locate } from "./issues.ts";
import { isForeignField } from "./own-fields.ts";

/** A spec without what plug-ins know of, and what is wrong with that. */
interface TakenExtensions {
  /** For lava's own schemas: a plug-in's action or source has a stand-in there. */
  readonly rest: unknown;
  readonly issues: readonly Issue[];
  /** Whether the type itself is a plug-in's: then only the fields that all types share are left to check. */
  readonly isWhole: boolean;
}

type Check = (schema: z.ZodType, value: unknown, path: IssuePath) => void;

/** Checks the parts of a spec that belong to plug-ins by their own schemas, and takes them out. */
export function takeExtensions(
  kind: string,
  data: unknown,
  extensions: SpecExtensions,
  locate: Locate,
): TakenExtensions {
  const issues: Issue[] = [];
  if (!isMap(data)) return { rest: data, issues, isWhole: false };
  const check: Check = (schema, value, path) => {
    const result = schema.safeParse(value);
    if (result.success) return;
    for (const issue of issuesFromZod(result.error, { schema, data: value })) {
      const whole = [...path, ...issue.path];
      issues.push({ ...issue, path: whole, ...located(locate(whole)) });
    }
  };
  const type = typeof data["type"] === "string" ? data["type"] : "";
  const rest = { ...data };
  let isWhole = false;
  if (kind === "job" || kind === "realm") Object.assign(rest, takeActions(data, extensions, check));
  if (kind === "connection") isWhole = checkConnection(type, data, extensions, check);
  if (kind === "job") {
    const job = find(extensions.jobs, type);
    if (job !== undefined) {
      isWhole = true;
      check(job.parameters, data["parameters"] ?? {}, ["parameters"]);
      if (job.payload !== undefined) check(job.payload, data["payload"], ["payload"]);
    } else if (type === "foreach") Object.assign(rest, takeSource(data, extensions, check));
  }
  return { rest, issues, isWhole };
}

function takeActions(
  data: Record<string, unknown>,
  { actions }: SpecExtensions,
  check: Check,
): Record<string, unknown> {
  const taken: Record<string, unknown> = {};
  for (const event of ["on_success", "on_retry", "on_fail"]) {
    const list = data[event];
    if (!Array.isArray(list)) continue;
    taken[event] = list.map((action: unknown, index) => {
      const name = isMap(action) ? action["action"] : undefined;
      const schema = typeof name === "string" ? find(actions, name) : undefined;
      if (schema === undefined || !isMap(action)) return action;
      const { action: _action, ...fields } = action;
      check(schema, fields, [event, index]);
      return { action: "log", message: "of a plug-in" };
    });
  }
  return taken;
}

function checkConnection(
  type: string,
  data: Record<string, unknown>,
  { connections }: SpecExtensions,
  check: Check,
): boolean {
  const schema = find(connections, type);
  if (schema === undefined) return false;
  const shared = new Set([...Object.keys(connectionFields), "type"]);
  const fields = Object.entries(data).filter(
    ([name]) => !shared.has(name) && !isForeignField(name),
  );
  check(schema, Object.fromEntries(fields), []);
  return true;
}

function takeSource(
  data: Record<string, unknown>,
  { generators }: SpecExtensions,
  check: Check,
): Record<string, unknown> {
  const parameters = data["parameters"];
  const source = isMap(parameters) ? parameters["foreach"] : undefined;
  if (!isMap(parameters) || !isMap(source) || typeof source["type"] !== "string") return {};
  const schema = find(generators, source["type"]);
  if (schema === undefined) return {};
  const { type: _type, ...fields } = source;
  check(schema, fields, ["parameters", "foreach"]);
  return { parameters: { ...parameters, foreach: { type: "inline", values: [] } } };
}

function find<T>(map: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

function located(location: ReturnType<Locate>): Pick<Issue, "file" | "line" | "column"> {
  const { file, line, column } = location ?? {};
  return {
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}
