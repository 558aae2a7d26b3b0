import { collect, parseAssignments } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { delay, moment } from "../option-values.ts";
import { printJson, printLine } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { requireJobs } from "../require-jobs.ts";

interface DispatchOptions extends RealmOptions {
  readonly param?: string[];
  readonly global?: string[];
  readonly parameters?: string;
  readonly globals?: string;
  readonly delay?: string;
  readonly deadline?: (now: number) => number;
  readonly worker?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `lava dispatch`. */
export const registerDispatch: Register = (program, context) => {
  addRealmOptions(
    program
      .command("dispatch")
      .description("queue runs of jobs and print their run ids")
      .argument("<job...>", "job ids")
      .option(
        "-p, --param <name=value>",
        "a parameter, laid over the job's; a.b=value nests (repeatable)",
        collect,
      )
      .option("-g, --global <name=value>", "a global, likewise (repeatable)", collect)
      .option("--parameters <json>", "parameters as a JSON object")
      .option("--globals <json>", "globals as a JSON object")
      .option("-d, --delay <duration>", "hold the message back, up to 15m", delay)
      .option(
        "--deadline <when>",
        "a duration from now or a time by which it must be over: not begun, or stopped, afterwards",
        moment,
      )
      .option("-w, --worker <name>", "send to this worker; the job is not looked up")
      .option("--force", "dispatch a job that is not enabled; its worker skips it")
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava dispatch app/load", "one run"],
          [
            "lava dispatch app/load -p env.DAY=2026-11-01 -d 5m",
            "with a parameter, in five minutes",
          ],
          [`lava dispatch app/a app/b --json | jq -r '.[].run_id'`, `the run ids, for a script`],
        ),
      ),
  ).action((jobs: string[], options: DispatchOptions) => dispatch(jobs, options, context));
};

async function dispatch(
  jobs: readonly string[],
  options: DispatchOptions,
  context: CliContext,
): Promise<void> {
  const parameters = parseAssignments(options.param, options.parameters);
  const globals = parseAssignments(options.global, options.globals, "--globals");
  await withRealm(options, context, async (realm) => {
    if (options.worker === undefined) await requireJobs(realm, jobs);
    const receipts = [];
    for (const job_id of jobs) {
      const receipt = await realm.dispatch({
        job_id,
        ...(parameters === undefined ? {} : { parameters }),
        ...(globals === undefined ? {} : { globals }),
        ...(options.delay === undefined ? {} : { delay: options.delay }),
        ...(options.deadline === undefined
          ? {}
          : { deadline: options.deadline(context.clock.now()) }),
        ...(options.worker === undefined ? {} : { worker: options.worker }),
        requireEnabled: options.force !== true,
      });
      receipts.push(receipt);
      if (!options.json) printLine(context.stdout, `${receipt.job_id} ${receipt.run_id}`);
    }
    if (options.json) printJson(context.stdout, receipts);
  });
}
