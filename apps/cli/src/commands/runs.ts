import { formatDuration, LavaError, suggest } from "@lava/core";
import { collect } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { count, duration } from "../option-values.ts";
import { printJson, printLine, printTable } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { requireJobs } from "../require-jobs.ts";
import { listScheduled, type RunSummary, SCHEDULED, summarizeRun } from "../run-summary.ts";

interface RunsOptions extends RealmOptions {
  readonly status?: string[];
  readonly since?: number;
  readonly limit: number;
  readonly json?: boolean;
}

/** `lava runs`. */
export const registerRuns: Register = (program, context) => {
  addRealmOptions(
    program
      .command("runs")
      .description("list runs, the latest first")
      .argument("[job...]", "only of these jobs")
      .option(
        "-s, --status <status>",
        "only with this status; scheduled: those that wait for their time (repeatable)",
        collect,
      )
      .option("--since <duration>", "only with an event in this time: 2h, 1d", duration)
      .option("-n, --limit <count>", "at most so many", count, 50)
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava runs app/load --status failed --since 1d", "what failed since yesterday"],
          [`lava runs --json | jq '.[0]'`, `the latest run`],
        ),
      ),
  ).action((jobs: string[], options: RunsOptions) => runs(jobs, options, context));
};

async function runs(
  jobs: readonly string[],
  options: RunsOptions,
  context: CliContext,
): Promise<void> {
  if (options.status !== undefined) await checkStatuses(options.status);
  const { UNROUTABLE_JOB_ID } = await import("@lava/spec");
  await withRealm(options, context, async (realm) => {
    // Messages that name no run of a job are recorded under a name of their own (WF-116).
    const ids =
      jobs.length > 0
        ? jobs
        : [
            ...(await realm.jobs.listItems()).map((item) => String(item["job_id"])),
            UNROUTABLE_JOB_ID,
          ];
    const statuses = options.status?.filter((status) => status !== SCHEDULED);
    const isScheduledWanted = options.status?.includes(SCHEDULED) ?? true;
    const [begun, scheduled] = await Promise.all([
      statuses?.length === 0
        ? []
        : realm.events.listRecent(ids, {
            limit: options.limit,
            ...(statuses === undefined ? {} : { status: statuses }),
            ...(options.since === undefined ? {} : { since: context.clock.now() - options.since }),
          }),
      isScheduledWanted
        ? listScheduled(realm, ({ job_id }) => jobs.length === 0 || jobs.includes(job_id))
        : [],
    ]);
    // What is to come stands before what was: the latest first.
    const records = [...scheduled.toReversed(), ...begun].slice(0, options.limit);
    // Jobs that are gone keep their runs; an id that has neither is mistyped.
    const unknown = jobs.filter((id) => records.every(({ job_id }) => job_id !== id));
    if (unknown.length > 0) await requireJobs(realm, unknown);
    const rows = records.map(summarizeRun);
    if (options.json) printJson(context.stdout, rows);
    else if (rows.length === 0) printLine(context.stderr, `no runs in realm ${realm.name}`);
    else printRuns(rows, context);
  });
}

async function checkStatuses(statuses: readonly string[]): Promise<void> {
  const { eventStatuses } = await import("@lava/spec");
  const all = [...eventStatuses, SCHEDULED];
  for (const status of statuses) {
    if (all.includes(status)) continue;
    const nearest = suggest(status, all);
    throw new LavaError("BAD_OPTIONS", `--status: no run has status ${status}`, {
      kind: "usage",
      hint: `${nearest === undefined ? "" : `Did you mean ${nearest}? `}There are: ${all.join(", ")}.`,
    });
  }
}

/** Runs as a table. */
export function printRuns(rows: readonly RunSummary[], context: Pick<CliContext, "stdout">): void {
  printTable<RunSummary>(
    context.stdout,
    [
      { title: "JOB", cell: (run) => run.job_id, flexible: true },
      { title: "RUN", cell: (run) => run.run_id },
      { title: "STATUS", cell: (run) => run.status },
      { title: "QUEUED", cell: (run) => time(run.queued) },
      { title: "STARTED", cell: (run) => time(run.started) },
      ...(rows.some(({ due }) => due !== null)
        ? [{ title: "DUE", cell: (run: RunSummary) => time(run.due) }]
        : []),
      {
        title: "TOOK",
        cell: (run) => (run.took === null ? "" : formatDuration(run.took)),
        align: "right",
      },
      { title: "OUTPUTS", cell: (run) => String(run.outputs.length), align: "right" },
      { title: "ERROR", cell: (run) => run.error ?? "", flexible: true },
    ],
    rows,
  );
}

/** `11-25 16:04:09` of an ISO text. */
function time(iso: string | null): string {
  return iso === null ? "" : `${iso.slice(5, 10)} ${iso.slice(11, 19)}`;
}
