/** What a job is to do from a moment on: each second, each even second, or nothing. */
export type Mode = "each" | "even" | "none";

/** What a slot of a job has to be: sent, not sent, or either, where a change was just being made. */
export type Expectation = "must" | "never" | "may";

/** What was changed in the schedules of a round, and when. */
export interface Timeline {
  readonly jobs: readonly string[];
  /** The mode that a job has now. */
  mode(job_id: string): Mode;
  /** A change that was made between `began` and `ended`. */
  changed(job_id: string, mode: Mode, began: number, ended: number): void;
  expect(job_id: string, slot: number): Expectation;
}

/** A change counts surely from so long afterwards, and a slot is surely sent so long after its time, in ms. */
const GRACE_MS = 8000;

interface Change {
  readonly mode: Mode;
  readonly began: number;
  readonly ended: number;
}

/** A timeline on which every job is due each second until it is changed. */
export function createTimeline(jobs: readonly string[]): Timeline {
  const changes = new Map<string, Change[]>();
  const of = (job_id: string): readonly Change[] => changes.get(job_id) ?? [];
  return {
    jobs,
    mode: (job_id) => of(job_id).at(-1)?.mode ?? "each",
    changed(job_id, mode, began, ended) {
      changes.set(job_id, [...of(job_id), { mode, began, ended }]);
    },
    expect(job_id, slot) {
      // Every mode that may have been in force while the slot was dealt with.
      const modes = new Set<Mode>();
      let mode: Mode = "each";
      let settled = -Infinity;
      for (const change of [...of(job_id), undefined]) {
        const next = change === undefined ? Infinity : change.ended;
        if (settled <= slot + GRACE_MS && slot <= next + GRACE_MS) modes.add(mode);
        if (change === undefined) break;
        mode = change.mode;
        settled = change.began;
      }
      const wants = [...modes].map(
        (one) => one === "each" || (one === "even" && slot % 2000 === 0),
      );
      if (wants.every(Boolean)) return "must";
      return wants.some(Boolean) ? "may" : "never";
    },
  };
}
