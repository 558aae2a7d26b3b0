import { type Data, type DataMap, LavaError, errorText, isMap } from "@lava/core";
import { type ActionType, parseActionParameters } from "@lava/spec";
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
 * Runs a list of actions in order; the first failure stops the rest (ACT-all-02).
 *
 * @throws {LavaError} ACTION_FAILED with the text of the `action_failed` event
 */
export async function runActions(options: RunActionsOptions): Promise<void> {
  const { event, actions } = options;
  if (!Array.isArray(actions)) throw failed(`${event}: action must be a list`);
  for (const [index, action] of actions.entries()) {
    const key = `${options.key}-${index}`;
    if (options.done?.has(key) === true) continue;
    await runAction(action, index, key, options);
    if (index < actions.length - 1) await options.note?.(key);
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
  try {
    const actionContext: ActionContext = {
      ...context,
      ...belowPath(context, [...actionsPath(event, context.job.record.raw), index]),
      event,
      actionKey: key,
    };
    const known: ActionType = handler.type;
    await handler.run(parseActionParameters(known, action), actionContext, result);
  } catch (error) {
    context.signal.throwIfAborted();
    throw failed(`${event} action: ${type}: ${errorText(error)}`, error);
  }
}

function failed(message: string, cause?: unknown): LavaError {
  return new LavaError("ACTION_FAILED", message, { cause });
}
