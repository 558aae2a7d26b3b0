import type { BookedJob } from "./booked-job.ts";

/** Slots that were entered in the ledger before their time, so that then only messages are to be sent: one for a job. */
export interface Prepared {
  /** Enters the next slot of a job in the background, when its time is near. */
  prepare(job: BookedJob, slot: number): void;
  /** Takes a slot out, to be dispatched: whether it is entered. */
  take(job_id: string, slot: number): Promise<boolean>;
  /** Takes out what is not the next slot of its job any more, and ends its entry. */
  review(next: (job_id: string) => number | undefined): void;
}

/** Options of {@link createPrepared}. */
export interface PreparedOptions {
  readonly open: (job: BookedJob, slot: number) => Promise<boolean>;
  /** Ends the entry of a slot that will not be. */
  readonly withdraw: (job: BookedJob, slot: number) => Promise<void>;
}

/** Nothing is prepared. */
export function createPrepared({ open, withdraw }: PreparedOptions): Prepared {
  const slots = new Map<string, { job: BookedJob; slot: number; ready: Promise<boolean> }>();
  return {
    prepare(job, slot) {
      if (slots.has(job.job_id)) return;
      slots.set(job.job_id, { job, slot, ready: open(job, slot).catch(() => false) });
    },
    async take(job_id, slot) {
      const known = slots.get(job_id);
      if (known?.slot !== slot) return false;
      slots.delete(job_id);
      return known.ready;
    },
    review(next) {
      for (const [job_id, { job, slot, ready }] of slots) {
        if (next(job_id) === slot) continue;
        slots.delete(job_id);
        void ready.then(async (isOpen) => {
          if (isOpen) await withdraw(job, slot).catch(() => undefined);
        });
      }
    },
  };
}
