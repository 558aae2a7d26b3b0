import { formatDuration, quoteShellWord } from "@lava/core";
import { collect, parseAssignments } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { eventLine, followRun } from "../follow-run.ts";
import { helpExamples } from "../help-examples.ts";
import { duration } from "../option-values.ts";
import { printJson, printLine, styles } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { EXIT } from "../report-error.ts";
import { findRun, summarizeRun } from "../run-summary.ts";

interface RerunOptions extends RealmOptions {
  readonly fromFailed?: boolean;
  readonly only?: string[];
  readonly param?: string[];
  readonly global?: string[];
  readonly parameters?: string;
  readonly globals?: string;
  readonly force?: boolean;
  readonly wait?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly json?: boolean;
}

/** `lava rerun`. */
export const registerRerun: Register = (program, context) => {
  addRealmOptions(
    program
      .command("rerun")
      .description("run a job again as a run that is over did, as a new run")
      .argument("<job>", "job id")
      .argument("[run]", "run id or its beginning (default: the latest run)")
      .option("--from-failed", "leave out the children of a chain, dag or foreach that were done")
      .option(
        "--only <child>",
        "only this child: its job id, or the number of an iteration (repeatable)",
        collect,
      )
      .option(
        "-p, --param <name=value>",
        "a parameter, laid over those of the old run; a.b=value nests (repeatable)",
        collect,
      )
      .option("-g, --global <name=value>", "a global, likewise (repeatable)", collect)
      .option("--parameters <json>", "parameters as a JSON object")
      .option("--globals <json>", "globals as a JSON object")
      .option("--force", "also when the job is not enabled; its worker skips it")
      .option("--wait", "watch the new run to its end; fails when it fails")
      .option("--timeout <duration>", "with --wait: stop waiting after this time", duration)
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava rerun app/nightly --from-failed --wait", "go on where the latest run broke"],
          ["lava rerun app/nightly 3f2a --only app/load", "one child of one run"],
          ["lava rerun app/load 3f2a -p env.DAY=2026-11-01", "a plain job, with another day"],
        ),
      ),
  ).action((job: string, run: string | undefined, options: RerunOptions) =>
    rerun(job, run, options, context),
  );
};

async function rerun(
  job: string,
  run: string | undefined,
  options: RerunOptions,
  context: CliContext,
): Promise<void> {
  const parameters = parseAssignments(options.param, options.parameters);
  const globals = parseAssignments(options.global, options.globals, "--globals");
  await withRealm(options, context, async (realm) => {
    const { job_id, run_id } = await findRun(realm, job, run);
    const receipt = await realm.rerun({
      job_id,
      run_id,
      ...(options.fromFailed === true ? { fromFailed: true } : {}),
      ...(options.only === undefined ? {} : { only: options.only }),
      ...(parameters === undefined ? {} : { parameters }),
      ...(globals === undefined ? {} : { globals }),
      requireEnabled: options.force !== true,
    });
    if (options.wait !== true) {
      if (options.json) printJson(context.stdout, { ...receipt, of: run_id });
      else printLine(context.stdout, `${receipt.job_id} ${receipt.run_id}`);
      return;
    }
    const note = (text: string): void => {
      if (!options.json) printLine(context.stderr, text);
    };
    note(styles(context.stderr).bold(`${receipt.job_id} ${receipt.run_id}`));
    const record = await followRun(realm, receipt, context, {
      onEvent: (entry) => {
        note(eventLine(entry));
      },
      onStop: () => {
        note(
          `the run goes on; watch it with: lava events -f ${quoteShellWord(job_id)} ${receipt.run_id}`,
        );
      },
      ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout }),
    });
    if (!["complete", "skipped"].includes(record.status)) context.exitStatus = EXIT.failure;
    const summary = summarizeRun(record);
    if (options.json) printJson(context.stdout, { ...summary, of: run_id, log: record.log });
    else {
      const took = summary.took === null ? "" : ` in ${formatDuration(summary.took)}`;
      note(`${record.status}${took}${summary.error === null ? "" : `: ${summary.error}`}`);
      if (summary.hint !== null) note(summary.hint);
    }
  });
}
