import { isJsonObject, type JsonObject } from "../protocols/json.ts";

/** The fields of a target that say what it is sent. */
export interface TargetInput {
  readonly Input?: string | undefined;
  readonly InputPath?: string | undefined;
  readonly InputTransformer?: { readonly paths: JsonObject; readonly template: string } | undefined;
}

/** What EventBridge puts into templates of its own accord. */
export interface RuleNames {
  readonly name: string;
  readonly arn: string;
  /** ISO time at which the event came in. */
  readonly received: string;
}

/** The body that a target gets for an event: the event, a part of it, a constant, or a template filled in. */
export function targetBody(target: TargetInput, event: JsonObject, rule: RuleNames): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined)
    return JSON.stringify(atPath(event, target.InputPath) ?? null);
  if (target.InputTransformer !== undefined) return fillIn(target.InputTransformer, event, rule);
  return JSON.stringify(event);
}

function fillIn(
  { paths, template }: NonNullable<TargetInput["InputTransformer"]>,
  event: JsonObject,
  rule: RuleNames,
): string {
  const values = new Map<string, unknown>([
    ["aws.events.rule-arn", rule.arn],
    ["aws.events.rule-name", rule.name],
    ["aws.events.event.ingestion-time", rule.received],
    ["aws.events.event", event],
    ["aws.events.event.json", event],
  ]);
  for (const [name, path] of Object.entries(paths)) values.set(name, atPath(event, String(path)));
  // Inside quotes a text goes in without quotes of its own; elsewhere a value goes in as JSON.
  let quoted = false;
  return template.replace(/\\.|"|<([\w.-]+)>/g, (token, name: string | undefined) => {
    if (token === '"') quoted = !quoted;
    if (name === undefined || !values.has(name)) return token;
    const value = values.get(name);
    if (value === undefined) return "";
    if (!quoted) return JSON.stringify(value);
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return JSON.stringify(text).slice(1, -1);
  });
}

/** A value by a path such as `$.detail.object.key` or `$.resources[0]`; undefined when there is none. */
export function atPath(event: JsonObject, path: string): unknown {
  let at: unknown = event;
  for (const [, name, index] of path.replace(/^\$/, "").matchAll(/\.?([^.[\]]+)|\[(\d+)\]/g)) {
    if (index !== undefined) at = Array.isArray(at) ? at[Number(index)] : undefined;
    else
      at =
        isJsonObject(at) && name !== undefined ? at[name.replace(/^['"]|['"]$/g, "")] : undefined;
  }
  return at;
}
