import { errorText, LavaError, type Logger, parseDuration, inParallel } from "@lava/core";
import type { Pause, Realm } from "@lava/realm";
import { type BookedJob, bookJob } from "./booked-job.ts";
import { type Dispatchers, servesDispatcher, zoneOfDispatcher } from "./dispatchers.ts";

/** A job of which the book was told, and from when on its schedule counts. */
export interface BookChange {
  readonly job: BookedJob;
  /** Milliseconds; undefined when the schedule is as it was. */
  readonly since: number | undefined;
}

/** The jobs that a scheduler looks after, as it knows them. */
export interface JobBook {
  readonly jobs: ReadonlyMap<string, BookedJob>;
  /** Whether a slot of a job lies in a pause. */
  isPaused(job: BookedJob, slot: number): boolean;
  /** Reads everything anew: edits made by other tools. */
  refresh(): Promise<readonly BookChange[]>;
  /**
   * Reads what was announced since the last look: changed jobs and pauses.
   *
   * @returns jobs whose slots are to be computed anew
   */
  look(): Promise<readonly BookChange[]>;
}

/** What the book needs of a realm. */
export type BookRealm = Pick<Realm, "jobs" | "schedule" | "clock" | "config">;

/** Options of {@link openJobBook}. */
export interface JobBookOptions {
  readonly realm: BookRealm;
  readonly dispatchers: Dispatchers;
  readonly logger: Logger;
}

/** Notices are looked for from so long ago: clocks of others may be behind. */
const BEHIND_MS = 120_000;

/** Jobs that are read at a time. */
const PARALLEL = 16;

/** An empty book. */
export function openJobBook({ realm, dispatchers, logger }: JobBookOptions): JobBook {
  const { clock } = realm;
  const jobs = new Map<string, BookedJob>();
  /** Faults that were told already, by job. */
  const told = new Map<string, string>();
  const notices = new Map<string, number>();
  let pauses: readonly Pause[] = [];
  const catchUpMs = parseDuration(realm.config.SCHED_CATCHUP) * 1000;

  function tell(job_id: string, faults: readonly string[]): void {
    const text = faults.join("\n");
    if (told.get(job_id) === text) return;
    if (text === "") told.delete(job_id);
    else told.set(job_id, text);
    for (const fault of faults) {
      logger.error({ event_type: "scheduler", job_id, error: fault }, `Job ${job_id}: ${fault}`);
    }
  }

  /** Reads one job anew; what is not to be scheduled any more leaves the book. */
  async function read(job_id: string, time: number): Promise<BookChange | undefined> {
    const item = await realm.jobs.getItem(job_id);
    const known = jobs.get(job_id);
    let job: BookedJob | undefined;
    if (item?.["type"] === "lavasched") dispatchers.see(item);
    if (item !== undefined && servesDispatcher(dispatchers, item["dispatcher"])) {
      try {
        const zone = zoneOfDispatcher(dispatchers, String(item["dispatcher"]));
        job = bookJob(item, { zone, catchUpMs });
        tell(
          job_id,
          job?.schedule.faults.map(
            ({ entry, error }) => `Bad schedule entry ${entry + 1}: ${error.message}`,
          ) ?? [],
        );
      } catch (error) {
        if (!(error instanceof LavaError)) throw error;
        tell(job_id, [`Bad schedule: ${error.message}`]);
      }
    }
    if (job === undefined) {
      jobs.delete(job_id);
      return undefined;
    }
    jobs.set(job_id, job);
    return { job, since: job.definition === known?.definition ? undefined : time };
  }

  async function readAll(ids: readonly string[], time: number): Promise<BookChange[]> {
    const changes: BookChange[] = [];
    await inParallel(ids, PARALLEL, async (id) => {
      const change = await read(id, time);
      if (change !== undefined) changes.push(change);
    });
    return changes;
  }

  /** Jobs of pauses that have ended since the last look: their slots count again from then on. */
  async function readPauses(): Promise<BookChange[]> {
    const before = pauses;
    pauses = await realm.schedule.pauses();
    const ended = pauses.filter(
      ({ target, until, since }) =>
        until !== undefined &&
        before.some(
          (was) => was.target === target && was.since === since && was.until === undefined,
        ),
    );
    return [...jobs.values()].flatMap((job) => {
      const ends = ended.filter((pause) => isOf(pause, job)).map(({ until = 0 }) => until - 1);
      return ends.length === 0 ? [] : [{ job, since: Math.min(...ends) }];
    });
  }

  async function refresh(): Promise<readonly BookChange[]> {
    const now = clock.now();
    if (told.size === 0 && jobs.size === 0) {
      // Once: later ones are seen among the scheduled jobs and in notices.
      for (const item of await realm.jobs.listItems({ where: { type: "lavasched" } })) {
        dispatchers.see(item);
      }
    }
    const indexed = await realm.schedule.listJobs();
    const ids = indexed
      .filter(({ dispatcher }) => servesDispatcher(dispatchers, dispatcher))
      .map(({ job_id }) => job_id);
    const there = new Set(ids);
    for (const id of jobs.keys()) if (!there.has(id)) jobs.delete(id);
    const changes = await readAll(ids, now);
    return [...changes, ...(await readPauses())];
  }

  async function look(): Promise<readonly BookChange[]> {
    const now = clock.now();
    const all = await realm.schedule.changes(now - BEHIND_MS);
    const fresh = all.filter(({ id }) => !notices.has(id));
    for (const { id, time } of fresh) notices.set(id, time);
    for (const [id, time] of notices) if (time < now - 2 * BEHIND_MS) notices.delete(id);
    if (fresh.length === 0) return [];
    const times = new Map<string, number>();
    for (const { jobs: ids, time } of fresh) for (const id of ids) times.set(id, time);
    const changes: BookChange[] = [];
    for (const [id, time] of times) {
      if (id.startsWith("lava/")) continue;
      const change = await read(id, Math.min(now, time));
      if (change !== undefined) changes.push(change);
    }
    return [...changes, ...(await readPauses())];
  }

  return {
    jobs,
    isPaused: (job, slot) =>
      pauses.some(
        (pause) => isOf(pause, job) && pause.since <= slot && slot < (pause.until ?? Infinity),
      ),
    refresh,
    look,
  };
}

function isOf({ target }: Pause, { job_id, dispatcher }: BookedJob): boolean {
  return target === "all" || target === `job/${job_id}` || target === `dispatcher/${dispatcher}`;
}

/** What went wrong, for a log. */
export function bookFault(error: unknown): string {
  return `The jobs cannot be read: ${errorText(error)}`;
}
