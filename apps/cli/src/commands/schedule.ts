import { hostname, userInfo } from "node:os";
import { type DataMap, errorText, LavaError } from "@lava/core";
import type { PauseTarget, SlotState } from "@lava/realm";
import type { JobSchedule } from "@lava/scheduler";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { count } from "../option-values.ts";
import { printJson, printLine, printTable, styles } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { readDispatchers, requireItem } from "../scheduler/realm-schedules.ts";
import { timeInZone } from "../scheduler/time-in-zone.ts";

interface ShowOptions extends RealmOptions {
  readonly dispatcher?: string;
  readonly json?: boolean;
}

interface NextOptions extends RealmOptions {
  readonly count: number;
  readonly from?: string;
  readonly zone?: string;
  readonly json?: boolean;
}

interface SlotsOptions extends RealmOptions {
  readonly state?: string;
  readonly limit: number;
  readonly json?: boolean;
}

interface PauseOptions extends RealmOptions {
  readonly dispatcher?: string;
  readonly all?: boolean;
  readonly note: string;
  readonly json?: boolean;
}

/** `lava schedule show|next|explain|slots|pause|resume`. */
export const registerSchedule: Register = (program, context) => {
  const schedule = program
    .command("schedule")
    .description("when jobs run by themselves, what became of it, and pauses")
    .addHelpText(
      "after",
      helpExamples(
        ["lava schedule show", "every scheduled job and its next run"],
        ['lava schedule next "0 6 * * mon-fri" --zone Europe/Berlin', "of a crontab time"],
        ["lava schedule slots app/load --state missed", "what did not run"],
        ['lava schedule pause app/load --note "db upgrade"', "until it is resumed"],
      ),
    );
  addRealmOptions(
    schedule
      .command("show")
      .description("list scheduled jobs with their next run, pause and last slot")
      .argument("[job...]", "job ids (default: all)")
      .option("--dispatcher <name>", "only jobs of this dispatcher")
      .option("--json", "print JSON"),
  ).action((jobs: string[], options: ShowOptions) => show(jobs, options, context));
  for (const name of ["next", "explain"] as const) {
    addRealmOptions(
      schedule
        .command(name)
        .description(
          name === "next"
            ? "print the next runs of a job, or of a crontab time"
            : "say in words when a job or a crontab time runs, and what is wrong with it",
        )
        .argument("<job or time>", 'a job id, or a crontab time: "0 6 * * *", "@daily"')
        .option("-n, --count <count>", "so many", count, name === "next" ? 10 : 3)
        .option("--from <time>", "after this time, ISO 8601 (default: now)")
        .option("--zone <zone>", "in this zone in place of the dispatcher's")
        .option("--json", "print JSON"),
    ).action((subject: string, options: NextOptions) =>
      tellTimes(subject, options, context, name === "explain"),
    );
  }
  addRealmOptions(
    schedule
      .command("slots")
      .description("what became of the slots of a job, latest first")
      .argument("<job>", "job id")
      .option("--state <state>", "only pending, sent, skipped or missed ones")
      .option("-n, --limit <count>", "so many", count, 20)
      .option("--json", "print JSON"),
  ).action((job: string, options: SlotsOptions) => slots(job, options, context));
  for (const name of ["pause", "resume"] as const) {
    const command = addRealmOptions(
      schedule
        .command(name)
        .description(
          name === "pause"
            ? "skip scheduled runs until they are resumed; other dispatches go on"
            : "end a pause; what was skipped stays skipped",
        )
        .argument("[job...]", "job ids")
        .option("--dispatcher <name>", "all jobs of a dispatcher")
        .option("--all", "all jobs of the realm")
        .option("--json", "print JSON"),
    );
    if (name === "pause") command.option("--note <text>", "why, for those who ask later", "");
    command.action((jobs: string[], options: PauseOptions) =>
      setPause(jobs, options, context, name === "pause"),
    );
  }
};

async function show(
  ids: readonly string[],
  options: ShowOptions,
  context: CliContext,
): Promise<void> {
  const { bookJob, nextSlot, zoneOfDispatcher } = await import("@lava/scheduler");
  await withRealm(options, context, async (realm) => {
    const dispatchers = await readDispatchers(realm);
    const pauses = (await realm.schedule.pauses()).filter(({ until }) => until === undefined);
    const indexed = await realm.schedule.listJobs();
    for (const id of ids) {
      if (!indexed.some(({ job_id }) => job_id === id)) await requireItem(realm, id);
    }
    const rows = [];
    for (const { job_id, dispatcher } of indexed) {
      if (ids.length > 0 && !ids.includes(job_id)) continue;
      if (options.dispatcher !== undefined && dispatcher !== options.dispatcher) continue;
      const item = await realm.jobs.getItem(job_id);
      if (item === undefined) continue;
      const zone = zoneOfDispatcher(dispatchers, dispatcher);
      let next: number | undefined;
      let own = zone;
      let problem = "";
      try {
        const job = bookJob(item, { zone, catchUpMs: 0 });
        own = job?.schedule.zone.id ?? zone;
        next = job && nextSlot(job.schedule, context.clock.now());
        problem =
          job === undefined
            ? "not enabled, or without a schedule"
            : (job.schedule.faults[0]?.error.message ?? (next === undefined ? "never runs" : ""));
      } catch (error) {
        problem = errorText(error);
      }
      const pause = pauses.find(
        ({ target }) =>
          target === "all" || target === `job/${job_id}` || target === `dispatcher/${dispatcher}`,
      );
      rows.push({
        job_id,
        dispatcher,
        zone: own,
        schedule: scheduleText(item),
        next: next === undefined ? undefined : new Date(next).toISOString(),
        local: next === undefined ? "" : timeInZone(next, own),
        paused: pause && { target: pause.target, note: pause.note, by: pause.by },
        problem,
      });
    }
    rows.sort((a, b) => (a.job_id < b.job_id ? -1 : 1));
    if (options.json) {
      printJson(context.stdout, rows);
      return;
    }
    printTable(
      context.stdout,
      [
        { title: "JOB", cell: (row) => row.job_id },
        { title: "DISPATCHER", cell: (row) => row.dispatcher },
        { title: "SCHEDULE", cell: (row) => row.schedule, flexible: true },
        { title: "NEXT", cell: (row) => row.local },
        { title: "ZONE", cell: (row) => row.zone },
        {
          title: "",
          cell: (row) =>
            row.paused === undefined
              ? row.problem
              : `paused${row.paused.note === "" ? "" : `: ${row.paused.note}`}`,
          flexible: true,
        },
      ],
      rows,
    );
  });
}

function scheduleText(item: DataMap): string {
  const every = item["x-lava-every"];
  if (every !== undefined) return `every ${String(every)}`;
  const schedule = item["schedule"] ?? "";
  return typeof schedule === "string" ? schedule : JSON.stringify(schedule);
}

async function tellTimes(
  subject: string,
  options: NextOptions,
  context: CliContext,
  explain: boolean,
): Promise<void> {
  const { nextSlots, readTime } = await import("@lava/scheduler");
  const schedule = await scheduleOf(subject, options, context);
  const from =
    options.from === undefined ? context.clock.now() : readTime(options.from, schedule.zone);
  const times = nextSlots(schedule, from, options.count);
  if (schedule.faults.length > 0) context.exitStatus = 1;
  const faults = schedule.faults.map(({ entry, error }) => ({
    entry: entry + 1,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  }));
  const words = explain ? await inWords(schedule) : undefined;
  if (options.json) {
    printJson(context.stdout, {
      zone: schedule.zone.id,
      ...(words === undefined ? {} : { words }),
      times: times.map((time) => new Date(time).toISOString()),
      faults,
    });
    return;
  }
  for (const line of words ?? []) printLine(context.stdout, line);
  for (const { entry, message, hint } of faults) {
    printLine(context.stderr, `entry ${entry}: ${message}`);
    if (hint !== undefined)
      printLine(context.stderr, `${styles(context.stderr).cyan("hint")}: ${hint}`);
  }
  const isEmpty = schedule.every === undefined && schedule.entries.length === 0;
  if (isEmpty && faults.length === 0) printLine(context.stdout, "there is no schedule");
  else if (times.length === 0 && !isEmpty) printLine(context.stdout, "it never runs");
  for (const time of times) {
    printLine(
      context.stdout,
      `${timeInZone(time, schedule.zone.id)}  ${new Date(time).toISOString().slice(0, 19)}Z`,
    );
  }
}

async function inWords(schedule: JobSchedule): Promise<string[]> {
  const { explainCron } = await import("@lava/scheduler");
  const lines =
    schedule.every === undefined
      ? schedule.entries.map(({ cron, from, to }) => {
          const since = from === undefined ? "" : `, from ${timeInZone(from, schedule.zone.id)}`;
          const until = to === undefined ? "" : `, to ${timeInZone(to, schedule.zone.id)}`;
          return `${cron.text}: ${explainCron(cron)}${since}${until}`;
        })
      : [`every ${schedule.every} seconds, counted from 1970-01-01 UTC`];
  const jitter = schedule.jitter > 0 ? [`each put off by up to ${schedule.jitter} seconds`] : [];
  return [...lines, ...jitter, `in zone ${schedule.zone.id}`];
}

async function scheduleOf(
  subject: string,
  options: NextOptions,
  context: CliContext,
): Promise<JobSchedule> {
  const { readJobSchedule, zoneOfDispatcher } = await import("@lava/scheduler");
  if (/^@|\s|^(?:--)?$/.test(subject.trim())) {
    const zone = options.zone ?? "UTC";
    return readJobSchedule({ job_id: "", schedule: subject }, { zone });
  }
  return withRealm(options, context, async (realm) => {
    const item = await requireItem(realm, subject);
    const dispatcher = String(item["dispatcher"] ?? "");
    const zone = options.zone ?? zoneOfDispatcher(await readDispatchers(realm), dispatcher);
    const own = options.zone === undefined ? {} : { "x-lava-zone": options.zone };
    return readJobSchedule({ ...item, ...own, job_id: subject }, { zone });
  });
}

async function slots(job: string, options: SlotsOptions, context: CliContext): Promise<void> {
  const { state } = options;
  if (state !== undefined && !isState(state)) {
    throw new LavaError(
      "BAD_OPTIONS",
      `--state: ${state}: expected pending, sent, skipped or missed`,
      {
        kind: "usage",
      },
    );
  }
  await withRealm(options, context, async (realm) => {
    const found = await realm.schedule.slots.list(job, {
      limit: options.limit,
      ...(state === undefined ? {} : { state }),
    });
    // Slots outlive their job.
    if (found.length === 0) await requireItem(realm, job);
    if (options.json) {
      const iso = (time: number): string => new Date(time).toISOString();
      printJson(
        context.stdout,
        found.map(({ slot, sent, ...rest }) => ({
          ...rest,
          slot: iso(slot),
          ...(sent === undefined ? {} : { sent: iso(sent) }),
        })),
      );
      return;
    }
    printTable(
      context.stdout,
      [
        { title: "SLOT", cell: (row) => `${new Date(row.slot).toISOString().slice(0, 19)}Z` },
        { title: "STATE", cell: (row) => row.state },
        { title: "RUN", cell: (row) => row.run_id },
        {
          title: "AFTER",
          cell: (row) => (row.sent === undefined ? "" : `${Math.round(row.sent - row.slot)} ms`),
          align: "right",
        },
        { title: "REASON", cell: (row) => row.reason ?? "", flexible: true },
      ],
      found,
    );
  });
}

function isState(text: string): text is SlotState {
  return ["pending", "sent", "skipped", "missed"].includes(text);
}

async function setPause(
  jobs: readonly string[],
  options: PauseOptions,
  context: CliContext,
  pause: boolean,
): Promise<void> {
  const targets: PauseTarget[] = [
    ...jobs.map((job): PauseTarget => `job/${job}`),
    ...(options.dispatcher === undefined ? [] : [`dispatcher/${options.dispatcher}` as const]),
    ...(options.all === true ? ["all" as const] : []),
  ];
  if (targets.length === 0) {
    throw new LavaError("BAD_OPTIONS", "Name jobs, or give --dispatcher or --all", {
      kind: "usage",
    });
  }
  await withRealm(options, context, async (realm) => {
    for (const job of jobs) await requireItem(realm, job);
    const results = [];
    for (const target of targets) {
      let outcome = "paused";
      if (pause) {
        await realm.schedule.pause(target, `${userInfo().username}@${hostname()}`, options.note);
      } else outcome = (await realm.schedule.resume(target)) ? "resumed" : "was not paused";
      results.push({ target, outcome });
      if (!options.json) printLine(context.stdout, `${target}: ${outcome}`);
    }
    if (options.json) printJson(context.stdout, results);
  });
}
