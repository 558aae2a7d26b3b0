import { errorText, type Logger } from "@lava/core";
import { isAccessDenied, type Realm } from "@lava/realm";
import type { Office } from "./election.ts";

/** Options of {@link sendDue}. */
export interface SendDueOptions {
  readonly realm: Pick<Realm, "clock" | "due" | "queue" | "listWorkers">;
  readonly logger: Logger;
  readonly office: Office;
}

/** What is due later is not looked for more often, in ms. */
const LOOK_MS = 15_000;

/** The workers of a realm are listed so often, in ms. */
const WORKERS_MS = 300_000;

/** A clock of another host may be behind, in ms. */
const BEHIND_MS = 600_000;

/**
 * Sends what waits for longer than a queue can hold it back: deferred runs, long waits between tries, dispatches
 * beyond 15 minutes (design 5). Workers send their own as well; who takes an item sends it.
 */
export async function sendDue({ realm, logger, office }: SendDueOptions): Promise<void> {
  const { clock } = realm;
  const from = new Map<string, number>();
  let workers: readonly string[] = [];
  let listed = -Infinity;

  async function look(): Promise<number> {
    const now = clock.now();
    if (now - listed >= WORKERS_MS) {
      workers = await realm.listWorkers();
      listed = now;
    }
    let next = now + LOOK_MS;
    for (const worker of workers) {
      const list = await realm.due.list(worker, from.get(worker) ?? 0);
      let earliest = now - BEHIND_MS;
      for (const item of list.due) {
        if (!office.isHeld() || office.stopping.aborted) return next;
        if (!(await realm.due.take(item))) {
          earliest = Math.min(earliest, item.due);
          continue;
        }
        const { job_id, run_id } = item;
        try {
          await realm.queue(worker).sendBody(item.body);
        } catch (error) {
          // One that cannot be sent holds up no other; who took it lets it go in a minute.
          earliest = Math.min(earliest, item.due);
          logger.error(
            { event_type: "dispatch", job_id, run_id, error: errorText(error) },
            `Job ${job_id} (${run_id}): due, but cannot be sent: ${errorText(error)}`,
          );
          continue;
        }
        await realm.due.sent(item);
        logger.info(
          { event_type: "dispatch", job_id, run_id },
          `Job ${job_id} (${run_id}): due, sent to its queue`,
        );
      }
      from.set(worker, earliest);
      next = Math.min(next, list.next ?? next);
    }
    return next;
  }

  while (office.isHeld() && !office.stopping.aborted) {
    let next = clock.now() + LOOK_MS;
    try {
      next = await look();
    } catch (error) {
      const text = errorText(error);
      logger.warn({ event_type: "scheduler", error: text }, `Due messages cannot be sent: ${text}`);
      if (isAccessDenied(error)) return;
    }
    const signal = AbortSignal.any([office.signal, office.stopping]);
    await clock.sleep(Math.max(50, next - clock.now()), signal).catch(() => undefined);
  }
}
