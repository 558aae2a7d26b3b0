import type { Realm, RunKey, RunRecord } from "@lava/realm";
import { UNROUTABLE_JOB_ID } from "@lava/spec";
import { readMarks } from "./marks.ts";
import { epochOf } from "./runs.ts";
import type { History, Observation } from "./types.ts";

/** Options of {@link readHistory}. */
export interface ReadHistoryOptions {
  readonly realm: Realm;
  /** Workers whose queues are looked at. */
  readonly workers: readonly string[];
  readonly accepted: readonly RunKey[];
  /** The mark file of the payloads. */
  readonly marks: string;
  readonly observations?: readonly Observation[];
  readonly actions?: NonNullable<History["actions"]>;
  readonly outcomes?: NonNullable<History["outcomes"]>;
  readonly survivors?: readonly number[];
}

/** Reads what {@link checkHistory} judges: all runs of all jobs, the marks, what the queues still have. */
export async function readHistory(options: ReadHistoryOptions): Promise<History> {
  const { realm, workers, accepted, observations, actions, outcomes, survivors } = options;
  const depths = await Promise.all(
    workers.map(async (worker) => {
      const { visible, hidden, delayed } = await realm.queue(worker).depth();
      return [worker, visible + hidden + delayed] as const;
    }),
  );
  return {
    accepted,
    runs: await listAllRuns(realm),
    marks: await readMarks(options.marks),
    messages: Object.fromEntries(depths),
    ...(observations === undefined ? {} : { observations }),
    ...(actions === undefined ? {} : { actions }),
    ...(outcomes === undefined ? {} : { outcomes }),
    ...(survivors === undefined ? {} : { survivors }),
  };
}

/** Every run of every job of a realm, and what was recorded as unroutable. */
export async function listAllRuns(realm: Realm): Promise<RunRecord[]> {
  const jobs = await realm.jobs.list();
  const runs: RunRecord[] = [];
  for (const job_id of [...jobs.map((job) => job.job_id), UNROUTABLE_JOB_ID]) {
    let cursor: string | undefined;
    do {
      const page = await realm.events.listByJob(job_id, {
        limit: 500,
        ...(cursor === undefined ? {} : { cursor }),
      });
      runs.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return runs;
}

/** How a run's item looks right now, for {@link History.observations}. */
export function observe(run: RunRecord): Observation {
  const holder = run.extra["x_holder"];
  return {
    job_id: run.job_id,
    run_id: run.run_id,
    status: run.status,
    holder: typeof holder === "string" ? holder : undefined,
    epoch: epochOf(run),
  };
}
