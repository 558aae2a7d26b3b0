import { errorText, type Logger } from "@lava/core";
import type { RunKey } from "../events/types.ts";
import type { WorkerQueue } from "../queue/types.ts";
import type { Waiting } from "../runs/cancel.ts";
import type { DueItem, DueStore } from "./types.ts";

/** What {@link takeWaiting} needs of a realm. */
export interface WaitingContext {
  readonly due: Pick<DueStore, "waiting" | "take" | "sent">;
  readonly jobs: { get(job_id: string): Promise<{ readonly worker: string } | undefined> };
  readonly queue: (worker: string) => Pick<WorkerQueue, "sendBody">;
  readonly listWorkers: () => Promise<readonly string[]>;
  readonly logger: Logger;
}

/** Takes the message of a run that waits for its time; undefined when none does, or it is being sent. */
export async function takeWaiting(
  run: RunKey,
  { due, jobs, queue, listWorkers, logger }: WaitingContext,
): Promise<Waiting | undefined> {
  const find = async (worker: string): Promise<DueItem | undefined> =>
    (await due.waiting(worker)).find(
      ({ job_id, run_id }) => job_id === run.job_id && run_id === run.run_id,
    );
  const own = (await jobs.get(run.job_id))?.worker;
  let item = own === undefined ? undefined : await find(own);
  if (item === undefined) {
    // It was sent to another worker than its job's, or the job has moved. Not everybody may list queues.
    const others = await listWorkers().catch((error: unknown) => {
      logger.debug({ error: errorText(error) }, "Workers cannot be listed");
      return [];
    });
    for (const worker of others) if (worker !== own) item ??= await find(worker);
  }
  if (item === undefined || !(await due.take(item))) return undefined;
  const taken = item;
  return {
    drop: () => due.sent(taken),
    async send() {
      await queue(taken.worker).sendBody(taken.body);
      await due.sent(taken);
    },
  };
}
