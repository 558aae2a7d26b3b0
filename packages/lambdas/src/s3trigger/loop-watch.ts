import type { Clock } from "@lava/core";

/** A run that is about to be sent because of an object. */
export interface FiredObject {
  readonly trigger_id: string;
  readonly job_id: string;
  readonly bucket: string;
  readonly key: string;
}

/** What looks like a job that triggers itself. */
export interface SuspectedLoop {
  /** Whether the object is the output of a run of the very job; else it only looks so. */
  readonly certain: boolean;
  /** How often the object, or one that it is derived from, has fired the job. */
  readonly generation: number;
  /** Key of the object with which it seems to have begun. */
  readonly first: string;
}

/** Watches what one warm instance sends. */
export interface LoopWatch {
  /** Takes note of a run; the loop that it seems to be part of, if any. */
  note(fired: FiredObject): SuspectedLoop | undefined;
}

const WINDOW_MS = 600_000;
const MAX_KEYS = 500;

interface Seen {
  readonly key: string;
  readonly first: string;
  readonly generation: number;
  readonly at: number;
}

/**
 * Notices jobs whose output fires them again: an object in a place named after the job and one of its runs, or objects
 * of which each is named after the one before (`a.csv`, `a.csv.out`, `a.csv.out.out`; or the same again and again).
 *
 * @param limit how often an object may fire a job within 10 minutes before it is a loop; 0: any number
 */
export function createLoopWatch(clock: Clock, limit: number): LoopWatch {
  const chains = new Map<string, Seen[]>();
  return {
    note({ trigger_id, job_id, bucket, key }) {
      const isOwn = isOwnOutput(job_id, key);
      const now = clock.now();
      const name = JSON.stringify([trigger_id, job_id, bucket]);
      const seen = (chains.get(name) ?? []).filter(({ at }) => at > now - WINDOW_MS);
      let parent: Seen | undefined;
      for (const one of seen) {
        if (isDerived(key, one.key) && one.generation >= (parent?.generation ?? 0)) parent = one;
      }
      const generation = (parent?.generation ?? 0) + 1;
      const first = parent?.first ?? key;
      // The same key again takes the place of the one before.
      const others = parent?.key === key ? seen.filter((one) => one !== parent) : seen;
      chains.set(name, [...others, { key, first, generation, at: now }].slice(-MAX_KEYS));
      if (isOwn) return { certain: true, generation, first };
      return limit > 0 && generation > limit ? { certain: false, generation, first } : undefined;
    },
  };
}

/** Whether an object is in a place named after the job and one of its runs: the job has made it. */
export function isOwnOutput(job_id: string, key: string): boolean {
  return ownOutput(job_id).test(key);
}

const patterns = new Map<string, RegExp>();

/** Outputs of runs are under `<job_id>/<run_id>/` of the temporary area. */
function ownOutput(job_id: string): RegExp {
  const known = patterns.get(job_id);
  if (known !== undefined) return known;
  const made = new RegExp(
    `(?:^|/)${escapeRegExp(job_id)}/[\\da-f]{8}-[\\da-f]{4}-[\\da-f]{4}-[\\da-f]{4}-[\\da-f]{12}/`,
  );
  if (patterns.size > MAX_KEYS) patterns.clear();
  patterns.set(job_id, made);
  return made;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

/** Whether one key is the other, or is named after it: in the same folder or deeper, with more before or behind. */
function isDerived(key: string, from: string): boolean {
  if (key === from || key.startsWith(from)) return true;
  const at = from.lastIndexOf("/") + 1;
  return (
    key.length > from.length && key.startsWith(from.slice(0, at)) && key.endsWith(from.slice(at))
  );
}
