import type { Mark, Property, Violation } from "../types.ts";

/** G3: no two payloads of one run are alive together, and none outlives everything. */
export const payloadsApart: Property = (history) => {
  const violations: Violation[] = [];
  const fault = (mark: Mark, text: string): void => {
    const run = { job_id: mark.job_id, run_id: mark.run_id };
    violations.push({ guarantee: "G3", run, text });
  };
  const current = new Map<string, Mark>();
  /** Processes of which a successor has already been seen. */
  const superseded = new Map<string, Mark>();
  for (const mark of history.marks) {
    if (mark.kind === "action") continue;
    const process = `${mark.key} ${mark.pid} ${mark.epoch} ${mark.attempt}`;
    const successor = superseded.get(process);
    if (successor !== undefined) {
      fault(
        mark,
        `payload ${mark.pid} (epoch ${mark.epoch}) was alive at ${mark.mono} s, after payload ` +
          `${successor.pid} (epoch ${successor.epoch}) had started at ${successor.mono} s`,
      );
      superseded.delete(process); // once is enough
    }
    if (mark.kind === "start") {
      const before = current.get(mark.key);
      if (before !== undefined) {
        superseded.set(`${before.key} ${before.pid} ${before.epoch} ${before.attempt}`, mark);
      }
      current.set(mark.key, mark);
    } else if (mark.kind === "end" && current.get(mark.key)?.pid === mark.pid) {
      current.delete(mark.key);
    }
  }
  for (const pid of history.survivors ?? []) {
    const mark = history.marks.findLast((one) => one.pid === pid);
    if (mark !== undefined) fault(mark, `payload ${pid} is still alive after everything has ended`);
  }
  return violations;
};
