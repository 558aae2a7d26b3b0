import { type Logger, errorText, parseDuration } from "@lava/core";
import type { Realm } from "@lava/realm";

/** Dispatches the enabled `lavasched` jobs of a worker; a failure is logged and stops nothing (WK-160, WK-161). */
export async function jumpStart(realm: Realm, worker: string, logger: Logger): Promise<void> {
  const fields = { event_type: "worker" };
  try {
    const delay = parseDuration(realm.config.JUMPSTART_DELAY);
    const jobs = await realm.jobs.list({ where: { type: "lavasched", worker } });
    for (const { job_id, enabled } of jobs) {
      if (enabled !== true) continue;
      try {
        await realm.dispatch({ job_id, worker, delay });
        logger.info(fields, `Jumpstart: Dispatched ${job_id} to ${worker}`);
      } catch (error) {
        logger.error(fields, `Jumpstart: Cannot dispatch ${job_id}: ${errorText(error)}`);
      }
    }
  } catch (error) {
    logger.error(fields, `Jumpstart: Cannot list jobs: ${errorText(error)}`);
  }
}
