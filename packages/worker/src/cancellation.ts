import { type Clock, isMap } from "@lava/core";
import { cancelText, type ClaimedRun, type Realm, type RunKey, textOf } from "@lava/realm";
import { RunInterrupted } from "./interruption.ts";

/** The interruption that the item of a run asks for: somebody has cancelled it. */
function cancelOf(extra: ClaimedRun["record"]["extra"]): RunInterrupted | undefined {
  const cancel = extra["x_cancel"];
  if (!isMap(cancel)) return undefined;
  const by = textOf(cancel["by"]) ?? "somebody";
  return new RunInterrupted(
    "cancelled",
    "cancelled",
    cancelText({ by, reason: textOf(cancel["reason"]) }),
  );
}

/** Milliseconds; undefined when the run has none. */
function deadlineOf({ record }: ClaimedRun): number | undefined {
  const time = Date.parse(textOf(record.extra["x_deadline"]) ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Looks at what the item of a run says as it is claimed, and stops it at its deadline later on.
 *
 * @returns ends the watch
 * @throws {RunInterrupted} when the run is not to begin at all
 */
export function watchDeadline(run: ClaimedRun, stop: AbortController, clock: Clock): () => void {
  const cancel = cancelOf(run.record.extra);
  if (cancel !== undefined) throw cancel;
  const deadline = deadlineOf(run);
  if (deadline === undefined) return () => undefined;
  const at = new Date(deadline).toISOString();
  if (deadline <= clock.now()) {
    const isNew = run.attempt === 1;
    throw new RunInterrupted("cancelled", "deadline", `Its deadline ${at} has passed`, {
      ending: isNew
        ? { status: "rejected", state: "late" }
        : { status: "failed", state: "cancelled" },
    });
  }
  const watch = new AbortController();
  void clock.sleep(deadline - clock.now(), watch.signal).then(
    () => {
      stop.abort(new RunInterrupted("cancelled", "deadline", `Stopped at its deadline ${at}`));
    },
    () => undefined,
  );
  return () => {
    watch.abort();
  };
}

/** Stops those of these runs whose items say that they are cancelled; one read for each. */
export async function stopCancelled(
  runs: Iterable<readonly [AbortController, RunKey]>,
  { events }: Pick<Realm, "events">,
): Promise<void> {
  await Promise.all(
    [...runs].map(async ([stop, run]) => {
      const record = await events.get(run);
      const cancel = record && cancelOf(record.extra);
      if (cancel !== undefined) stop.abort(cancel);
    }),
  );
}
