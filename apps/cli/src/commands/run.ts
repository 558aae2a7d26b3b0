import { type DataMap, formatDuration, LavaError, quoteShellWord } from "@lava/core";
import type { Realm, RunRecord } from "@lava/realm";
import { collect, parseAssignments } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { eventLine, followRun } from "../follow-run.ts";
import { helpExamples } from "../help-examples.ts";
import { duration } from "../option-values.ts";
import { printJson, printLine, styles } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { EXIT } from "../report-error.ts";
import { requireJobs } from "../require-jobs.ts";
import { summarizeRun } from "../run-summary.ts";

/** Options of `lava run`. */
export interface RunOptions extends RealmOptions {
  readonly local?: boolean;
  readonly env?: string;
  readonly param?: string[];
  readonly global?: string[];
  readonly parameters?: string;
  readonly globals?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly json?: boolean;
}

/** `lava run`. */
export const registerRun: Register = (program, context) => {
  addRealmOptions(
    program
      .command("run")
      .description("dispatch a job and watch it to its end; fails when the run fails")
      .argument("<job>", "job id")
      .option(
        "--local",
        "in this process, in a realm made for it: nothing else is needed, breakpoints work",
      )
      .option("-e, --env <name>", "with --local: environment of the project", "dev")
      .option(
        "-p, --param <name=value>",
        "a parameter, laid over the job's; a.b=value nests (repeatable)",
        collect,
      )
      .option("-g, --global <name=value>", "a global, likewise (repeatable)", collect)
      .option("--parameters <json>", "parameters as a JSON object")
      .option("--globals <json>", "globals as a JSON object")
      .option("--timeout <duration>", "stop waiting after this time; the run goes on", duration)
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava run app/load", "dispatch, watch, print the output"],
          ["lava run app/load --local", "the same in one process, without any realm"],
          ["lava run app/load --json | jq .took", "seconds"],
        ),
      ),
  ).action((job: string, options: RunOptions) => run(job, options, context));
};

async function run(job: string, options: RunOptions, context: CliContext): Promise<void> {
  const input = {
    parameters: parseAssignments(options.param, options.parameters),
    globals: parseAssignments(options.global, options.globals, "--globals"),
  };
  if (options.local) {
    if (options.realm !== undefined || options.dev) {
      throw new LavaError(
        "BAD_OPTIONS",
        "--local makes a realm of its own: --realm and --dev do not go with it",
        { kind: "usage" },
      );
    }
    const { runLocally } = await import("../run-locally.ts");
    await runLocally(options.env ?? "dev", context, options.json === true, (realm) =>
      watchRun(realm, job, input, options, context),
    );
    return;
  }
  await withRealm(options, context, (realm) => watchRun(realm, job, input, options, context));
}

/** What a run is given beside its job. */
interface RunInput {
  readonly parameters: DataMap | undefined;
  readonly globals: DataMap | undefined;
}

/** Dispatches, prints each event as it happens, and sets the exit status by how the run ended. */
async function watchRun(
  realm: Realm,
  job_id: string,
  input: RunInput,
  options: RunOptions,
  context: CliContext,
): Promise<void> {
  const { parameters, globals } = input;
  await requireJobs(realm, [job_id]);
  const receipt = await realm.dispatch({
    job_id,
    ...(parameters === undefined ? {} : { parameters }),
    ...(globals === undefined ? {} : { globals }),
    requireEnabled: true,
  });
  const style = styles(context.stderr);
  const note = (text: string): void => {
    if (!options.json) printLine(context.stderr, text);
  };
  note(style.bold(`${receipt.job_id} ${receipt.run_id}`));
  const record = await followRun(realm, receipt, context, {
    onEvent: (entry) => {
      note(eventLine(entry));
    },
    onStop: () => {
      if (!options.local)
        note(
          `the run goes on; watch it with: lava events -f ${quoteShellWord(job_id)} ${receipt.run_id}`,
        );
    },
    ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout }),
  });
  if (!["complete", "skipped"].includes(record.status)) context.exitStatus = EXIT.failure;
  await printOutcome(realm, record, options, context);
}

async function printOutcome(
  realm: Realm,
  record: RunRecord,
  options: RunOptions,
  context: CliContext,
): Promise<void> {
  const summary = summarizeRun(record);
  if (options.json) {
    printJson(context.stdout, { ...summary, log: record.log });
    return;
  }
  const took = summary.took === null ? "" : ` in ${formatDuration(summary.took)}`;
  printLine(
    context.stderr,
    `${record.status}${took}${summary.error === null ? "" : `: ${summary.error}`}`,
  );
  if (summary.hint !== null) printLine(context.stderr, summary.hint);
  for (const { name, uri } of await realm.temp.listOutputs(record)) {
    printLine(context.stderr, styles(context.stderr).dim(`${name}: ${uri}`));
    const content = await realm.temp.getOutput(record, name);
    if (content !== undefined) {
      const stream = name.endsWith("stderr") ? context.stderr : context.stdout;
      stream.write(content);
    }
  }
}
