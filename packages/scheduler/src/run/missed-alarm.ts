import { errorText, type Logger } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { BookedJob } from "./booked-job.ts";

/** What an alarm needs of a realm. */
export type AlarmRealm = Pick<Realm, "name" | "clock" | "clients">;

/** Runs of one job that were missed, for one reason. */
export interface MissedRuns {
  readonly job: BookedJob;
  /** How many there were. */
  readonly count: number;
  /** The last of them, and its run. */
  readonly slot: number;
  readonly run_id: string;
  readonly why: string;
}

/** Tells people of missed runs. */
export interface MissedAlarm {
  /**
   * Publishes one message to the job's `x-lava-missed-alarm` topic. Told of the same job and reason again, it is silent
   * for an hour. Never fails: a topic that cannot be reached is logged and stops no slot.
   */
  raise(missed: MissedRuns): Promise<void>;
}

/** The same job and reason are told again after so long, ms. */
const AGAIN_MS = 3_600_000;

/** Longest subject that SNS takes. */
const MAX_SUBJECT = 100;

/** No alarm has been raised. */
export function createMissedAlarm(realm: AlarmRealm, logger: Logger): MissedAlarm {
  const raised = new Map<string, number>();

  async function publish(topic: string, missed: MissedRuns): Promise<void> {
    const { job, count, slot, run_id, why } = missed;
    const { job_id, worker } = job;
    const client = await realm.clients.sns();
    const { PublishCommand } = await import("@aws-sdk/client-sns");
    const runs = count === 1 ? "a scheduled run" : `${count} scheduled runs`;
    await client.send(
      new PublishCommand({
        TopicArn: topic,
        Subject: `lava ${realm.name}: job ${job_id} missed ${runs}`.slice(0, MAX_SUBJECT),
        Message: JSON.stringify({
          event_type: "missed",
          realm: realm.name,
          job_id,
          worker,
          missed: count,
          last_slot: new Date(slot).toISOString(),
          last_run_id: run_id,
          reason: why,
        }),
      }),
    );
  }

  return {
    async raise(missed) {
      const { job, why } = missed;
      if (job.alarmTopic === undefined) return;
      const now = realm.clock.now();
      const key = `${job.job_id} ${why}`;
      if (now - (raised.get(key) ?? -Infinity) < AGAIN_MS) return;
      raised.set(key, now);
      try {
        await publish(job.alarmTopic, missed);
      } catch (error) {
        raised.delete(key);
        const fields = { event_type: "scheduler", job_id: job.job_id, error: errorText(error) };
        logger.error(fields, `Job ${job.job_id}: no alarm of missed runs: ${errorText(error)}`);
      }
    },
  };
}
