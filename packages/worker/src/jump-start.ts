import { randomUUID } from "node:crypto";
import { errorText, formatLocalTime, type Logger, parseDuration } from "@lava/core";
import type { Realm, WorkerQueue } from "@lava/realm";

/** Dispatches the enabled `lavasched` jobs of a worker; a failure is logged and stops nothing (WK-160, WK-161). */
export async function jumpStart(
  realm: Realm,
  worker: string,
  queue: WorkerQueue,
  logger: Logger,
): Promise<void> {
  const fields = { event_type: "worker" };
  try {
    const delay = Math.trunc(parseDuration(realm.config.JUMPSTART_DELAY));
    const jobs = await realm.jobs.list({ where: { type: "lavasched", worker } });
    for (const { job_id, enabled } of jobs) {
      if (enabled !== true) continue;
      try {
        const message = {
          realm: realm.name,
          worker,
          job_id,
          run_id: randomUUID(),
          ts_dispatch: formatLocalTime(realm.clock.now()),
        };
        await queue.send(message, { delay });
        logger.info(fields, `Jumpstart: Dispatched ${job_id} to ${worker}`);
      } catch (error) {
        logger.error(fields, `Jumpstart: Cannot dispatch ${job_id}: ${errorText(error)}`);
      }
    }
  } catch (error) {
    logger.error(fields, `Jumpstart: Cannot list jobs: ${errorText(error)}`);
  }
}
