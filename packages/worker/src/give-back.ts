import { type Clock, errorText, isMap, type Logger } from "@lava/core";
import { type ClaimedRun, numberOf, type Realm, type ReceivedMessage } from "@lava/realm";
import type { StoredJob } from "@lava/spec";
import type { DueSender } from "./due-sender.ts";
import type { RunInterrupted } from "./interruption.ts";

/** Seconds for which a queue can hold a message back. */
const QUEUE_DELAY = 900;

/** What giving back needs. */
export interface GiveBackServices {
  readonly realm: Pick<Realm, "due">;
  readonly worker: string;
  readonly due: DueSender;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Gives a run back that goes on later. Its message goes on as a fresh copy; for waits beyond the queue's 15 minutes it
 * is kept as a due item, which is written first: so the run is lost at no moment.
 *
 * @returns seconds for the fresh copy of the message; undefined when a due item has it
 */
export async function giveBack(
  interruption: RunInterrupted,
  run: ClaimedRun,
  {
    message,
    record,
    left,
  }: {
    readonly message: ReceivedMessage;
    readonly record: StoredJob;
    readonly left: { readonly files: boolean };
  },
  services: GiveBackServices,
): Promise<number | undefined> {
  const { reason, delay, givenBack } = interruption;
  const isKept = delay > QUEUE_DELAY && (await keep(delay, run, message.body, services));
  // Its next folder is a new one: children that others rely on for files are run again, unless the job says that none
  // does, as every job that can be put off does.
  const goesOn =
    !left.files || record.raw["x-lava-checkpoint"] === true || givenBack.state === "up_for_retry";
  await run.release(
    { status: "retrying", info: interruption.message },
    {
      reason,
      extra: {
        ...givenBack.extra,
        x_state: givenBack.state,
        x_resume: goesOn ? { epoch: resumeEpoch(run, record) ?? run.epoch } : undefined,
      },
    },
  );
  return isKept ? undefined : delay;
}

async function keep(
  delay: number,
  { job_id, run_id }: ClaimedRun,
  body: string,
  { realm, worker, due, clock, logger }: GiveBackServices,
): Promise<boolean> {
  const time = clock.now() + delay * 1000;
  try {
    await realm.due.put({ worker, job_id, run_id, body, due: time });
    due.expect(time);
    return true;
  } catch (error) {
    // Then the message goes round: it is put back each time that it comes too early.
    const fields = { event_type: "worker", job_id, run_id, error: errorText(error) };
    logger.warn(fields, `Job ${job_id} (${run_id}): no due item: ${errorText(error)}`);
    return false;
  }
}

/**
 * The epoch from which on records of children of this run count as its own: since it last began from scratch.
 * Undefined when it does so now. A lost worker's children are run again, all of them, unless the job says that they
 * leave nothing in its folder (x-lava-checkpoint).
 */
export function resumeEpoch(run: ClaimedRun, { raw }: StoredJob): number | undefined {
  if (run.attempt === 1) return undefined;
  const isCheckpoint = raw["x-lava-checkpoint"] === true;
  if (run.lost !== undefined && !isCheckpoint) return undefined;
  const resume = run.record.extra["x_resume"];
  const epoch = isMap(resume) ? numberOf(resume["epoch"]) : undefined;
  return epoch ?? (isCheckpoint ? 1 : undefined);
}
