import { type Data, errorText, isMap } from "@lava/core";
import type { ExtraAttributes } from "@lava/realm";
import { runActionList } from "./action-list.ts";
import type { ActionResult } from "./action.ts";
import { discardActions } from "./discarded.ts";
import { RunInterrupted } from "./interruption.ts";
import { createJobContext } from "./job-context.ts";
import type { RunInput } from "./run-input.ts";
import type { RunServices } from "./run-services.ts";
import { toJob } from "./to-job.ts";

/**
 * Ends a run that comes to no end of its own handler: rejected, too late, cancelled. Where the realm asks for it, its
 * `on_fail` actions follow ({@link discardActions}).
 */
export async function endDiscarded(
  event: { readonly status: "rejected" | "failed"; readonly info: Data },
  extra: ExtraAttributes,
  input: RunInput,
  services: RunServices,
): Promise<void> {
  const { record, run_id, recorder } = input;
  const actions = discardActions(record.raw, services.realm);
  await recorder.finish(event, actions !== undefined, extra);
  if (actions === undefined) return;
  const prefix = `Job ${record.job_id} (${run_id})`;
  const fields = { event_type: "job", thread: input.thread, job_id: record.job_id, run_id };
  const logger = services.logger.child(fields);
  let failed: Awaited<ReturnType<typeof runActionList>>;
  try {
    const context = createJobContext(toJob(input, services), input, services, logger);
    const result = resultOf(event.info);
    const list = { event: "on_fail", actions, result, context, key: "on_fail" } as const;
    failed = await runActionList({ ...list, done: input.doneActions }, services, recorder, prefix);
  } catch (error) {
    input.signal.throwIfAborted();
    if (error instanceof RunInterrupted) throw error;
    failed = { status: "action_failed", info: errorText(error) };
  }
  await recorder.settle(failed);
}

/** Info of a finished run as the result that its actions see. */
export function resultOf(info: Data): ActionResult {
  return isMap(info) ? info : { error_data: null, error: String(info) };
}
