import { type Data, type DataMap, formatLocalTime, formatUtcTime, type Redactor } from "@lava/core";
import type { UpdateRequest } from "../documents.ts";
import { createExpression, type Expression } from "../expression.ts";
import { toStorable } from "../to-storable.ts";
import { isTerminal } from "./run-record.ts";
import { maskTexts, trimInfo } from "./trim-info.ts";
import type { EventOrigin, ExtraAttributes, RunEvent } from "./types.ts";

/** Bytes that the log entries of one update may take together. */
const UPDATE_LIMIT = 192 * 1024;

/** What an update of an events item depends on besides the event. */
export interface UpdateContext {
  readonly now: number;
  /** EVENT_TTL in seconds; 0 for none (WF-105). */
  readonly ttl: number;
  readonly redactor: Redactor;
}

/** One update of an events item. */
export interface RunUpdate {
  readonly events: readonly RunEvent[];
  readonly origin: EventOrigin;
  readonly ts_dispatch?: string | undefined;
  readonly extra?: ExtraAttributes | undefined;
  /** Adds to the log, but leaves the run's status as it is. */
  readonly keepStatus?: boolean;
  /** What becomes the run's status; that of the last event by default. */
  readonly status?: string | undefined;
  /** Numbers to be raised by one. */
  readonly raise?: readonly `x_${string}`[];
  /** More assignments: attribute path and value. */
  readonly assign?: readonly (readonly [path: readonly string[], value: Data])[];
  readonly condition?: (expression: Expression) => string;
  readonly returns?: boolean;
  /** From when on the item is kept for as long as items are, milliseconds; now by default. */
  readonly ttlFrom?: number;
}

/** The update as DynamoDB takes it (WF-115): attributes set, log entries appended, all in one. */
export function buildRunUpdate(update: RunUpdate, context: UpdateContext): UpdateRequest {
  const { events, origin, extra = {} } = update;
  const expression = createExpression();
  const sets: string[] = [];
  const removes: string[] = [];
  const set = (name: string, value: Data): void => {
    sets.push(`${expression.name(name)} = ${expression.value(orNull(value))}`);
  };

  const last = events.at(-1);
  if (last !== undefined) {
    const time = last.time ?? context.now;
    if (update.keepStatus !== true) set("status", update.status ?? last.status);
    set("ts_event", formatLocalTime(time));
    set("tu_event", formatUtcTime(time));
    set("worker", origin.worker);
    set("worker_id", origin.instance_id ?? null);
    set("hostname", origin.hostname);
    if (origin.instance_id !== undefined) set("instance_id", origin.instance_id);
  }
  setTimes(events, context, expression, sets);
  if (update.ts_dispatch !== undefined) set("ts_dispatch", update.ts_dispatch);
  if (context.ttl > 0) {
    set("ttl", Math.floor((update.ttlFrom ?? context.now) / 1000 + context.ttl));
  }
  for (const [name, value] of Object.entries(extra)) {
    if (value === undefined) removes.push(expression.name(name));
    else sets.push(`${expression.name(name)} = ${expression.value(value)}`);
  }
  for (const name of update.raise ?? []) {
    const attribute = expression.name(name);
    const zero = expression.value(0);
    sets.push(`${attribute} = if_not_exists(${attribute}, ${zero}) + ${expression.value(1)}`);
  }
  for (const [path, value] of update.assign ?? []) {
    sets.push(`${expression.name(...path)} = ${expression.value(value)}`);
  }
  if (events.length > 0) {
    const log = expression.name("log");
    const entries = expression.value(toLogEntries(events, context));
    sets.push(`${log} = list_append(if_not_exists(${log}, ${expression.value([])}), ${entries})`);
  }
  const condition = update.condition?.(expression);
  return {
    update: [
      ...(sets.length === 0 ? [] : [`SET ${sets.join(", ")}`]),
      ...(removes.length === 0 ? [] : [`REMOVE ${removes.join(", ")}`]),
    ].join(" "),
    ...(condition === undefined ? {} : { condition }),
    expression,
    ...(update.returns === true ? { returns: true } : {}),
  };
}

/** When the run began and ended, to the millisecond: `x_started` and `x_ended` (WF-120). */
function setTimes(
  events: readonly RunEvent[],
  context: UpdateContext,
  expression: Expression,
  sets: string[],
): void {
  const iso = (event: RunEvent): string => new Date(event.time ?? context.now).toISOString();
  const first = events.find(({ status }) => status === "starting");
  if (first !== undefined) {
    const name = expression.name("x_started");
    sets.push(`${name} = if_not_exists(${name}, ${expression.value(iso(first))})`);
  }
  const end = events.findLast(({ status }) => isTerminal(status) && status !== "action_failed");
  if (end !== undefined) sets.push(`${expression.name("x_ended")} = ${expression.value(iso(end))}`);
}

/** Log entries with exactly the four members of the original (WF-110, WF-120), masked and trimmed. */
function toLogEntries(events: readonly RunEvent[], context: UpdateContext): DataMap[] {
  const limit = Math.floor(UPDATE_LIMIT / Math.max(1, events.length));
  return events.map(({ status, info, time = context.now }) => ({
    ts_event: formatLocalTime(time),
    tu_event: formatUtcTime(time),
    status,
    info: trimInfo(
      toStorable(maskTexts(info ?? null, (text) => context.redactor.mask(text))),
      limit,
    ),
  }));
}

/** The original writes empty and false attributes as NULL (WF-115). */
function orNull(value: Data): Data {
  return value === "" || value === false || value === 0 ? null : value;
}
