import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { LavaError } from "@lava/core";
import type { Realm, RunRecord } from "@lava/realm";
import { InvalidArgumentError } from "commander";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import {
  formatActivity,
  mapActivity,
  type RunActivity,
  timeSpan,
  type TimeSpan,
  toRunActivity,
  utcTime,
} from "../job-activity/activity.ts";
import type { ActivityDump } from "../job-activity/dump.ts";
import { count } from "../option-values.ts";
import { printJson, printLine } from "../output.ts";
import { addRealmOptions, findRealm, type RealmOptions, withRealm } from "../realm-access.ts";

interface ActivityOptions extends RealmOptions {
  readonly start?: number;
  readonly end?: number;
  readonly status?: string;
  readonly dump?: string;
  readonly load?: string;
  readonly interval: number;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

const DAY_MS = 24 * 3_600_000;

/** `lava job-activity`: the original's lava-job-activity (CLI-115 to CLI-122). */
export const registerJobActivity: Register = (program, context) => {
  addRealmOptions(
    program
      .command("job-activity")
      .description(
        "print how many seconds jobs ran in each slice of a time, by job and by worker, as CSV",
      )
      .argument("[job...]", "job ids; with --load only these of the file")
      .option(
        "-s, --start <time>",
        "ISO 8601, UTC without a zone (default: the last midnight)",
        time,
      )
      .option("-e, --end <time>", "likewise (default: 24 hours after the start)", time)
      .option("--status <status>", "only runs with this status")
      .option("--dump <file>", "write what was read to this file, as JSON")
      .option("--load <file>", "read such a file and not the realm")
      .option("-i, --interval <minutes>", "length of a slice", count, 10)
      .option("-q, --quiet", "no messages on stderr")
      .option("--json", "print JSON instead of CSV")
      .addHelpText(
        "after",
        helpExamples(
          [
            "lava job-activity app/load -s 2026-11-23 --dump day.json",
            "one day, in slices of 10 minutes",
          ],
          ["lava job-activity --load day.json -i 240", "the same day, in slices of 4 hours"],
        ),
      ),
  ).action((jobs: string[], options: ActivityOptions) => jobActivity(jobs, options, context));
};

/** A time; UTC where it names no zone (CLI-116, CLI-122). */
function time(text: string): number {
  const iso = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text.replace(/ (?=\d)/, "T");
  const ms = utcTime(iso.replace(" ", ""));
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(iso) || Number.isNaN(ms)) {
    throw new InvalidArgumentError("bad timestamp; expected e.g. 2026-11-23T18:00:00+11:00.");
  }
  return ms;
}

async function jobActivity(
  jobs: readonly string[],
  options: ActivityOptions,
  context: CliContext,
): Promise<void> {
  const { dump, load, interval } = options;
  if (dump !== undefined && load !== undefined && isSameFile(dump, load, context.cwd)) {
    throw new LavaError("BAD_OPTIONS", "--dump and --load cannot point to the same file", {
      kind: "usage",
    });
  }
  if (load === undefined && jobs.length === 0) {
    throw new LavaError("BAD_OPTIONS", "Job ids are needed without --load", { kind: "usage" });
  }
  const { readDump, writeDump } = await import("../job-activity/dump.ts");
  const found =
    load === undefined
      ? await readRealm(jobs, options, context)
      : select(
          await readDump(resolve(context.cwd, load)),
          jobs,
          options,
          load,
          await realmName(options, context),
        );
  if (dump !== undefined) {
    await writeDump(resolve(context.cwd, dump), found);
    if (options.quiet !== true) printLine(context.stderr, `Raw data dumped to ${dump}`);
  }
  const map = mapActivity(found.runs, found.span, interval * 60_000);
  if (options.json === true) {
    printJson(context.stdout, {
      ...map,
      realm: found.realm,
      slices: map.slices.map((at) => new Date(at).toISOString()),
    });
  } else context.stdout.write(formatActivity(map));
}

async function realmName(options: ActivityOptions, context: CliContext): Promise<string> {
  return (await findRealm(options, context)).realm;
}

function isSameFile(one: string, other: string, cwd: string): boolean {
  const real = (file: string): string => {
    try {
      return realpathSync(resolve(cwd, file));
    } catch {
      return resolve(cwd, file); // a new one
    }
  };
  return real(one) === real(other);
}

async function readRealm(
  jobs: readonly string[],
  { quiet, status, ...options }: ActivityOptions,
  context: CliContext,
): Promise<ActivityDump> {
  const midnight = Math.floor(context.clock.now() / DAY_MS) * DAY_MS;
  const start = options.start ?? midnight;
  const span = timeSpan(start, options.end ?? start + DAY_MS);
  return await withRealm(options, context, async (realm) => {
    const runs: RunActivity[] = [];
    for (const job_id of jobs) {
      if (quiet !== true) context.stderr.write(`Getting data for ${job_id} ... `);
      const records = await listRuns(realm, job_id, span, status);
      if (quiet !== true) printLine(context.stderr, `${records.length} completed job run(s) found`);
      runs.push(...records.map((record) => toRunActivity(record)));
    }
    return { realm: realm.name, span, jobs, runs };
  });
}

async function listRuns(
  realm: Realm,
  job_id: string,
  { start, end }: TimeSpan,
  status: string | undefined,
): Promise<RunRecord[]> {
  const found: RunRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await realm.events.listByJob(job_id, {
      ...{ since: start, until: end, limit: 500 },
      ...(status === undefined ? {} : { status: [status] }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found.toReversed();
}

/** What a dump has of the jobs and the time that are asked for. @throws {LavaError} BAD_DUMP_FILE */
function select(
  { realm, span, jobs, runs }: ActivityDump,
  wanted: readonly string[],
  options: ActivityOptions,
  file: string,
  asked: string,
): ActivityDump {
  const bad = (text: string): LavaError => new LavaError("BAD_DUMP_FILE", `${file}: ${text}`);
  if (realm !== asked) throw bad(`Dumped realm ${realm} doesn't match ${asked}`);
  const part = timeSpan(options.start ?? span.start, options.end ?? span.end);
  if (part.start < span.start || part.end > span.end) {
    throw bad(`Timespan ${text(part)} is not within dump timespan ${text(span)}`);
  }
  const missing = wanted.filter((job) => !jobs.includes(job));
  if (missing.length > 0) throw bad(`These jobs are missing: ${missing.join(", ")}`);
  const kept = runs.filter(({ job_id, tu_event, status }) => {
    const at = utcTime(tu_event);
    return (
      (wanted.length === 0 || wanted.includes(job_id)) &&
      (options.status === undefined || status === options.status) &&
      at >= part.start &&
      at < part.end
    );
  });
  return { realm, span: part, jobs: wanted.length === 0 ? jobs : wanted, runs: kept };
}

function text({ start, end }: TimeSpan): string {
  return `${new Date(start).toISOString()} --> ${new Date(end).toISOString()}`;
}
