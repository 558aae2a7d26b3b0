import { type Data, type DataMap, LavaError, errorText, isMap, parseDuration } from "@lava/core";
import { parseActionParameters } from "@lava/spec";
import type { ActionContext, ActionEvent, ActionResult } from "./action.ts";
import type { JobContext } from "./handler.ts";
import type { Registry } from "./registry.ts";
import { belowPath } from "./templates/field-renderer.ts";

/**
 * The actions of a job for an event: its own list, else the realm's; an empty list of the job's own switches the
 * realm's off (ACT-all-01). Undefined when there is nothing to do.
 */
export function actionsFor(event: ActionEvent, job: DataMap, realm: DataMap): Data | undefined {
  const list = Object.hasOwn(job, event) ? job[event] : realm[event];
  if (list === undefined || list === null) return undefined;
  return Array.isArray(list) && list.length === 0 ? undefined : list;
}

/** Where the actions of an event stand: in the job, or in the realm. */
export function actionsPath(event: ActionEvent, job: DataMap): string[] {
  return Object.hasOwn(job, event) ? [event] : ["realm", event];
}

/** Options of {@link runActions}. */
export interface RunActionsOptions {
  readonly event: ActionEvent;
  readonly actions: Data;
  readonly result: ActionResult;
  readonly context: JobContext;
  readonly registry: Registry;
  /** Key of this list in its run; with an index it names an action, stable over a takeover. */
  readonly key: string;
  /** Actions that an earlier holder of the run did. */
  readonly done?: ReadonlySet<string>;
  /** Told of every action that is done but the last. */
  readonly note?: (key: string) => Promise<void>;
}

/**
 * Runs a list of actions in order; the first failure stops the rest, unless ACTIONS_CONTINUE (ACT-all-02, ACT-all-04).
 *
 * @throws {LavaError} ACTION_FAILED with the text of the `action_failed` event
 */
export async function runActions(options: RunActionsOptions): Promise<void> {
  const { event, actions, context } = options;
  if (!Array.isArray(actions)) throw failed(`${event}: action must be a list`);
  const failures: LavaError[] = [];
  for (const [index, action] of actions.entries()) {
    const key = `${options.key}-${index}`;
    if (options.done?.has(key) === true) continue;
    try {
      await runAction(action, index, key, options);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof LavaError) || !context.config.ACTIONS_CONTINUE) throw error;
      failures.push(error);
    }
    if (index < actions.length - 1) await options.note?.(key);
  }
  if (failures.length === 1 && failures[0] !== undefined) throw failures[0];
  if (failures.length > 1) {
    throw failed(failures.map(({ message }) => message).join("; "), failures[0]);
  }
}

async function runAction(
  action: Data,
  index: number,
  key: string,
  options: RunActionsOptions,
): Promise<void> {
  const { event, context, registry, result } = options;
  const type = isMap(action) ? action["action"] : undefined;
  if (!isMap(action) || typeof type !== "string") {
    throw failed(`${event} action: Missing keys: action`);
  }
  const handler = registry.action(type);
  if (handler === undefined) throw failed(`${event} action: ${type}: unknown action`);
  const limit = parseDuration(context.config.ACTION_TIMEOUT);
  const end = new AbortController();
  const signal = AbortSignal.any([context.signal, end.signal]);
  const late = Promise.withResolvers<never>();
  // Some libraries cannot be aborted: then the action is left behind.
  const onAbort = (): void => {
    late.reject(signal.reason);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  const timer =
    limit > 0
      ? setTimeout(() => {
          end.abort(new LavaError("ACTION_TIMEOUT", `Timed out after ${limit} seconds`));
        }, limit * 1000)
      : undefined;
  const run = async (): Promise<void> => {
    const known: DataMap = action;
    const parameters =
      handler.parseParameters?.(known) ?? parseActionParameters(handler.type, known);
    const actionContext: ActionContext = {
      ...context,
      ...belowPath(context, [...actionsPath(event, context.job.record.raw), index]),
      signal,
      event,
      actionKey: key,
    };
    await handler.run(parameters, actionContext, result);
  };
  try {
    await Promise.race([run(), late.promise]);
  } catch (error) {
    context.signal.throwIfAborted();
    const cause: unknown = end.signal.aborted ? end.signal.reason : error;
    throw failed(`${event} action: ${type}: ${textOf(cause)}`, cause);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** Some errors of the network have no text but a code. */
function textOf(error: unknown): string {
  const text = errorText(error);
  if (text !== "") return text;
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? String(error.code) : error.name;
}

function failed(message: string, cause?: unknown): LavaError {
  return new LavaError("ACTION_FAILED", message, { cause });
}
