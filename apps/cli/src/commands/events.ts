import type { CliContext, Register } from "../command.ts";
import { eventLine, followRun } from "../follow-run.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine, styles } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { findRun, summarizeRun } from "../run-summary.ts";

interface EventsOptions extends RealmOptions {
  readonly follow?: boolean;
  readonly json?: boolean;
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
    } else for (const entry of record.log) printLine(context.stdout, eventLine(entry));
  });
}
