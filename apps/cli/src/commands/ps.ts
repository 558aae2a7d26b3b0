import { formatDuration, isMap } from "@lava/core";
import type { LeaseRecord, Realm } from "@lava/realm";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import type { LocalWorker } from "../local-workers.ts";
import { type Column, printJson, printLine, printTable } from "../output.ts";
import { addRealmOptions, findRealm, type RealmOptions, withRealm } from "../realm-access.ts";

interface PsOptions extends RealmOptions {
  readonly local?: boolean;
  readonly processes?: boolean;
  /** How often `-l` was said. */
  readonly long?: number;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `lava ps`. */
export const registerPs: Register = (program, context) => {
  addRealmOptions(
    program
      .command("ps")
      .description("list worker processes and the runs that they hold")
      .option("-a, --all", "those that have ended in the last day, too")
      .option("--local", "ask the workers of this host themselves; needs no realm")
      .option(
        "--processes",
        "the worker processes of this host as ps lists processes; needs no realm",
      )
      .option(
        "-l, --long",
        "with --processes: more columns; twice for still more",
        (_, n: number) => n + 1,
        0,
      )
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava ps --realm prod", "who works in a realm, and on what"],
          ["lava ps --local --json", "what the workers of this host say"],
        ),
      ),
  ).action((options: PsOptions) =>
    options.processes
      ? psProcesses(options, context)
      : options.local
        ? psLocal(options, context)
        : ps(options, context),
  );
};

/** One worker process of a realm. */
interface WorkerRow {
  readonly worker: string;
  readonly process: string;
  readonly hostname: string;
  readonly pid: number | null;
  /** `live`, `draining`, `overdue`, `fenced` or `ended`. */
  readonly state: string;
  /** Since when it takes no more runs, ISO. */
  readonly draining_since: string | null;
  readonly slots: number | null;
  readonly runs: readonly {
    readonly job_id: string;
    readonly run_id: string;
    readonly status: string;
  }[];
}

async function ps(options: PsOptions, context: CliContext): Promise<void> {
  await withRealm(options, context, async (realm) => {
    const workers = await realm.listWorkers();
    const [leases, held, depths] = await Promise.all([
      Promise.all(workers.map((worker) => realm.runs.listLeases(worker))),
      heldRuns(realm),
      Promise.all(
        workers.map((worker) =>
          realm
            .queue(worker)
            .depth()
            .catch(() => undefined),
        ),
      ),
    ]);
    const now = context.clock.now();
    const { numberOf } = await import("@lava/realm");
    const rows = leases
      .flat()
      .map((lease) => toRow(lease, numberOf(lease.info["draining"]), held, now));
    const shown = options.all
      ? rows
      : rows.filter(({ state }) => ["live", "draining", "overdue"].includes(state));
    const queues = workers.map((worker, index) => ({ worker, ...depths[index] }));
    if (options.json) {
      printJson(context.stdout, { realm: realm.name, queues, workers: shown });
      return;
    }
    if (shown.length === 0) {
      printLine(
        context.stderr,
        `no worker of realm ${realm.name} holds a lease: all are idle or none runs`,
      );
    } else printWorkers(shown, context, now);
    for (const { worker, visible, hidden, delayed } of queues) {
      const text =
        visible === undefined
          ? "unknown"
          : `${visible} waiting, ${hidden} in work, ${delayed} delayed`;
      printLine(context.stdout, `queue of ${worker}: ${text}`);
    }
  });
}

/** Runs that are not over, by their holder. */
async function heldRuns(realm: Realm): Promise<Map<string, WorkerRow["runs"]>> {
  const ids = (await realm.jobs.listItems()).map((item) => String(item["job_id"]));
  const records = await realm.events.listRecent(ids, {
    limit: 10_000,
    status: ["starting", "logging", "running", "retrying"],
  });
  const held = new Map<string, WorkerRow["runs"]>();
  for (const { job_id, run_id, status, extra } of records) {
    const holder = extra["x_holder"];
    if (typeof holder !== "string") continue;
    held.set(holder, [...(held.get(holder) ?? []), { job_id, run_id, status }]);
  }
  return held;
}

function toRow(
  lease: LeaseRecord,
  draining: number | undefined,
  held: ReadonlyMap<string, WorkerRow["runs"]>,
  now: number,
): WorkerRow {
  const { worker, process, hostname, pid, state, expires, info } = lease;
  const slots = info["slots"];
  const isOverdue = state === "live" && expires < now;
  return {
    ...{ worker, process, hostname },
    pid: pid ?? null,
    state: isOverdue ? "overdue" : state === "live" && draining !== undefined ? "draining" : state,
    draining_since: draining === undefined ? null : new Date(draining).toISOString(),
    slots: slots === undefined || slots === null || isMap(slots) ? null : Number(slots),
    runs: held.get(`${worker}/${process}`) ?? [],
  };
}

/** `draining 12m`: for how long, too. */
function stateText(state: string, since: number | undefined, now: number): string {
  if (state !== "draining" || since === undefined) return state;
  return `${state} ${formatDuration(Math.max(0, Math.round((now - since) / 1000)))}`;
}

function printWorkers(rows: readonly WorkerRow[], context: CliContext, now: number): void {
  const since = ({ draining_since: at }: WorkerRow): number | undefined =>
    at === null ? undefined : Date.parse(at);
  printTable(
    context.stdout,
    [
      { title: "worker", cell: (row) => row.worker },
      { title: "host", cell: (row) => row.hostname },
      { title: "pid", align: "right", cell: (row) => String(row.pid ?? "") },
      { title: "state", cell: (row) => stateText(row.state, since(row), now) },
      { title: "slots", align: "right", cell: (row) => String(row.slots ?? "") },
      {
        title: "runs",
        flexible: true,
        cell: (row) => row.runs.map((run) => `${run.job_id} ${run.run_id.slice(0, 8)}`).join(", "),
      },
    ],
    rows,
  );
}

async function psLocal(options: PsOptions, context: CliContext): Promise<void> {
  const isNamed = options.realm !== undefined || options.dev === true;
  const realm = isNamed ? (await findRealm(options, context)).realm : undefined;
  const { readLocalWorkers } = await import("../local-workers.ts");
  const all = await readLocalWorkers(context);
  const workers = realm === undefined ? all : all.filter((worker) => worker.realm === realm);
  if (options.json) printJson(context.stdout, workers);
  else if (workers.length === 0) printLine(context.stderr, "no worker of this host answers");
  else printLocal(workers, context);
}

function printLocal(workers: readonly LocalWorker[], context: CliContext): void {
  const now = context.clock.now();
  printTable(
    context.stdout,
    [
      { title: "realm", cell: (row) => row.realm },
      { title: "worker", cell: (row) => row.worker },
      { title: "pid", align: "right", cell: (row) => String(row.pid) },
      { title: "state", cell: (row) => stateText(row.state, row.state_since, now) },
      { title: "slots", align: "right", cell: (row) => String(row.slots) },
      {
        title: "runs",
        flexible: true,
        cell: (row) =>
          row.runs
            .map(
              (run) =>
                `${run.job_id} ${run.run_id.slice(0, 8)} ${formatDuration((now - run.since) / 1000)}`,
            )
            .join(", "),
      },
    ],
    workers,
  );
}

/** What lava-ps of the original prints; nothing where there is no worker (CLI-126 to CLI-129). */
async function psProcesses(
  { json, long = 0 }: PsOptions,
  { clock, stdout }: CliContext,
): Promise<void> {
  const { hostWorkers } = await import("../stop/host-workers.ts");
  const { formatCpuTime, formatStarted, readProcess } = await import("../stop/process-details.ts");
  const now = clock.now();
  const rows = await Promise.all(
    (await hostWorkers()).map(async ({ realm, worker, pid }) => ({
      ...{ realm, worker, pid },
      ...(await readProcess(pid, now)),
    })),
  );
  if (json === true) {
    printJson(stdout, rows);
    return;
  }
  if (rows.length === 0) return;
  type Row = (typeof rows)[number];
  const number = (
    title: string,
    value: (row: Row) => number | undefined,
    digits = 0,
  ): Column<Row> => ({
    ...{ title, align: "right" },
    cell: (row) => value(row)?.toFixed(digits) ?? "",
  });
  const columns: readonly (readonly Column<Row>[])[] = [
    [
      { title: "USER", cell: ({ user }) => user },
      number("PID", ({ pid }) => pid),
      { title: "REALM", cell: ({ realm }) => realm },
      { title: "WORKER", cell: ({ worker }) => worker },
    ],
    [
      number("%CPU", ({ cpu }) => cpu, 1),
      number("%MEM", ({ memory }) => memory, 1),
      number("RSS", ({ rss }) => rss),
      { title: "STATUS", cell: ({ status }) => status },
      {
        ...{ title: "STARTED", align: "right" },
        cell: ({ started }) => (started === undefined ? "" : formatStarted(started, now)),
      },
      {
        ...{ title: "TIME", align: "right" },
        cell: ({ seconds }) => (seconds === undefined ? "" : formatCpuTime(seconds)),
      },
    ],
    [
      number("THREADS", ({ threads }) => threads),
      number("FILES", ({ files }) => files),
      number("UID", ({ uid }) => uid),
      number("GID", ({ gid }) => gid),
      { title: "COMMAND", cell: ({ command }) => command, flexible: true },
    ],
  ];
  printTable(stdout, columns.slice(0, long + 1).flat(), rows);
}
