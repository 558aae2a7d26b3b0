import { type Data, errorText } from "@lava/core";
import type { ActionEvent, ActionResult } from "./action.ts";
import { hintOf } from "./failure-reason.ts";
import type { JobContext } from "./handler.ts";
import { RunInterrupted } from "./interruption.ts";
import { runActions } from "./run-actions.ts";
import type { RunRecorder } from "./run-recorder.ts";
import type { RunServices } from "./run-services.ts";

/** Options of {@link runActionList}. */
export interface ActionListOptions {
  readonly event: ActionEvent;
  readonly actions: Data;
  readonly result: ActionResult;
  readonly context: JobContext;
  /** With an index it names an action of the run, stable over a takeover. */
  readonly key: string;
  readonly done: ReadonlySet<string>;
}

/** Runs actions; the event to be recorded when one failed. */
export async function runActionList(
  options: ActionListOptions,
  services: RunServices,
  recorder: RunRecorder,
  prefix: string,
): Promise<{ status: "action_failed"; info: string } | undefined> {
  const { context, event } = options;
  try {
    await runActions({
      ...options,
      registry: services.registry,
      ...(event === "on_retry" ? {} : { note: (key) => recorder.noteAction(key) }),
    });
    return undefined;
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof RunInterrupted) throw error;
    context.logger.error({ hint: hintOf(error) }, `${prefix}: Action failed: ${errorText(error)}`);
    return { status: "action_failed", info: errorText(error) };
  }
}
