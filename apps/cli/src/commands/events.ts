import type { RunRecord } from "@lava/realm";
import type { CliContext, Register } from "../command.ts";
import { eventLine, followRun } from "../follow-run.ts";
import { helpExamples } from "../help-examples.ts";
import { duration } from "../option-values.ts";
import { printJson, printLine, styles } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { findRun, summarizeRun } from "../run-summary.ts";

interface EventsOptions extends RealmOptions {
  readonly follow?: boolean;
  readonly json?: boolean;
  readonly records?: boolean;
  readonly events?: number;
  readonly since?: number;
  readonly status?: string;
  readonly format?: string;
}

/** `lava events`. */
export const registerEvents: Register = (program, context) => {
  addRealmOptions(
    program
      .command("events")
      .description("print what happened to a run, event by event")
      .argument("<job>", "job id")
      .argument("[run]", "run id or its beginning (default: the latest run)")
      .option("-f, --follow", "go on until the run is over")
      .option("--json", "print JSON")
      .option("--records", "the records of all runs as they are stored, oldest first")
      .option("-e, --events <n>", "only the newest (with --records)", (text: string) =>
        Number(text),
      )
      .option("-s, --since <duration>", "how far back (with --records; default: 1d)", duration)
      .option("--status <status>", "only runs in this state (with --records)")
      .option("--format <format>", "json, or jsonl for one line each (with --records)", "json")
      .addHelpText(
        "after",
        helpExamples(
          ["lava events app/load", "the latest run"],
          ["lava events app/load 3f2a --follow", "one run, until it is over"],
        ),
      ),
  ).action((job: string, run: string | undefined, options: EventsOptions) =>
    events(job, run, options, context),
  );
};

async function events(
  job: string,
  run: string | undefined,
  options: EventsOptions,
  context: CliContext,
): Promise<void> {
  if (options.records === true) {
    await records(job, run, options, context);
    return;
  }
  await withRealm(options, context, async (realm) => {
    const record = await findRun(realm, job, run);
    if (options.json) {
      const whole = options.follow ? await followRun(realm, record, context) : record;
      printJson(context.stdout, { ...summarizeRun(whole), log: whole.log });
      return;
    }
    printLine(context.stdout, styles(context.stdout).bold(`${record.job_id} ${record.run_id}`));
    if (options.follow) {
      await followRun(realm, record, context, {
        onEvent: (entry) => {
          printLine(context.stdout, eventLine(entry));
        },
      });
      return;
    }
    for (const entry of record.log) printLine(context.stdout, eventLine(entry));
    if (record.log.length === 0) printLine(context.stderr, withoutEvents(record));
    const { hint } = summarizeRun(record);
    if (hint !== null) printLine(context.stdout, styles(context.stdout).dim(hint));
  });
}

/** What is known of a run that no worker has begun. */
function withoutEvents(record: RunRecord): string {
  const { due } = summarizeRun(record);
  if (due !== null) return `no event yet: it is scheduled for ${due}`;
  return record.extra["x_cancel"] === undefined
    ? "no event yet: no worker has begun it"
    : "no event yet: no worker has begun it, and the one that takes it ends it, as somebody has cancelled it";
}

/** What lava-events of the original prints (CLI-110 to CLI-113). */
async function records(
  job: string,
  run: string | undefined,
  options: EventsOptions,
  context: CliContext,
): Promise<void> {
  await withRealm(options, context, async (realm) => {
    const found: RunRecord[] = [];
    if (run !== undefined) {
      const record = await realm.events.get({ job_id: job, run_id: run });
      if (record !== undefined) found.push(record);
    } else {
      const since = context.clock.now() - (options.since ?? 24 * 3600 * 1000);
      const { status, events: most = 0 } = options;
      let cursor: string | undefined;
      let isComplete = false;
      do {
        const page = await realm.events.listByJob(job, {
          since,
          limit: most > 0 ? most : 100,
          ...(status === undefined ? {} : { status: [status] }),
          ...(cursor === undefined ? {} : { cursor }),
        });
        found.push(...page.items);
        cursor = page.cursor;
        isComplete = cursor === undefined || (most > 0 && found.length >= most);
      } while (!isComplete);
      if (most > 0) found.length = Math.min(found.length, most);
    }
    const { dataText } = await import("@lava/framework");
    for (const { raw } of found.toReversed()) {
      if (options.format === "jsonl")
        printLine(context.stdout, JSON.stringify(JSON.parse(dataText(raw, "json"))));
      else context.stdout.write(dataText(raw, "json"));
    }
  });
}
