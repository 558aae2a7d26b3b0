import { isTerminal, type Realm, type RunKey } from "@lava/realm";

/** Says whether the run before is unfinished. */
export interface OverlapGuard {
  /** A run was sent. */
  sent(job_id: string, run_id: string, slot: number): void;
  /** Whether the last scheduled run of a job goes on, or waits in its queue. */
  isBusy(job_id: string): Promise<boolean>;
}

/** A run without any event for so long was lost with its message: queues keep a day (design 5). */
const LOST_MS = 24 * 3_600_000;

/** A guard that knows nothing yet: it asks the ledger first. */
export function createOverlapGuard(
  realm: Pick<Realm, "schedule" | "events" | "clock">,
): OverlapGuard {
  const last = new Map<string, RunKey & { readonly slot: number }>();
  return {
    sent(job_id, run_id, slot) {
      last.set(job_id, { job_id, run_id, slot });
    },
    async isBusy(job_id) {
      if (!last.has(job_id)) {
        const [slot] = await realm.schedule.slots.list(job_id, { state: "sent", limit: 1 });
        if (slot === undefined) return false;
        last.set(job_id, slot);
      }
      const run = last.get(job_id);
      if (run === undefined) return false;
      const record = await realm.events.get(run);
      if (record === undefined || record.status === "") {
        return realm.clock.now() - run.slot < LOST_MS;
      }
      return !isTerminal(record.status);
    },
  };
}
