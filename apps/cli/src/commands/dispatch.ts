import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type DataMap, errorText, LavaError, parseJson } from "@lava/core";
import type { SendRequest, Sent } from "@lava/realm";
import { collect, parseAssignments } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { delay, duration, moment } from "../option-values.ts";
import { printJson, printLine } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { requireJobs } from "../require-jobs.ts";
import { waitForRuns } from "../wait-for-runs.ts";

interface DispatchOptions extends RealmOptions {
  readonly param?: string[];
  readonly global?: string[];
  readonly paramJson?: string[];
  readonly globalJson?: string[];
  readonly parameters?: string;
  readonly globals?: string;
  readonly dryRun?: boolean;
  readonly delay?: string;
  readonly deadline?: (now: number) => number;
  readonly worker?: string;
  readonly force?: boolean;
  readonly idempotencyKey?: string;
  readonly wait?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
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
      .option("--param-json <name=json>", "a parameter that is no text (repeatable)", collect)
      .option("--global-json <name=json>", "a global, likewise (repeatable)", collect)
      .option("--parameters <json>", "parameters as a JSON object, or @FILE")
      .option("--globals <json>", "globals as a JSON object, or @FILE")
      .option(
        "-d, --delay <duration>",
        "put it off, up to 30d; beyond 15m the scheduler keeps it",
        delay,
      )
      .option(
        "--deadline <when>",
        "a duration from now or a time by which it must be over: not begun, or stopped, afterwards",
        moment,
      )
      .option("-w, --worker <name>", "send to this worker, also for a job that is not there")
      .option("--force", "dispatch a job that is not enabled; its worker skips it")
      .option(
        "-k, --idempotency-key <key>",
        "the same key of a job is the same run, sent once; says so when it was sent before",
      )
      .option("--wait", "watch the runs to their end; fails when one of them fails")
      .option("--timeout <duration>", "with --wait: stop waiting after this time", duration)
      .option("--dry-run", "check everything and print the messages, without sending them")
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava dispatch app/load", "one run"],
          [
            "lava dispatch app/load -p env.DAY=2026-11-01 -d 5m",
            "with a parameter, in five minutes",
          ],
          [
            "lava dispatch app/load --wait --timeout 1h",
            "to its end; the status is that of the run",
          ],
          ["lava dispatch app/bill -k order-17", "once, however often it is sent"],
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
  const [given, givenGlobals] = await Promise.all([
    orFile(options.parameters, context),
    orFile(options.globals, context),
  ]);
  const parameters = parseAssignments(options.param, given, "--parameters", options.paramJson);
  const globals = parseAssignments(options.global, givenGlobals, "--globals", options.globalJson);
  if (options.dryRun === true && options.wait === true) {
    throw new LavaError("BAD_OPTIONS", "--dry-run and --wait exclude each other", {
      kind: "usage",
    });
  }
  if (options.timeout !== undefined && options.wait !== true) {
    throw new LavaError("BAD_OPTIONS", "--timeout goes with --wait", { kind: "usage" });
  }
  if (options.idempotencyKey === "") {
    throw new LavaError("BAD_OPTIONS", "--idempotency-key is empty", { kind: "usage" });
  }
  await withRealm(options, context, async (realm) => {
    if (options.worker === undefined) await requireJobs(realm, jobs, "nothing was dispatched");
    const runs: Sent[] = [];
    const requestOf = (job_id: string): SendRequest => ({
      job_id,
      ...(parameters === undefined ? {} : { parameters }),
      ...(globals === undefined ? {} : { globals }),
      ...(options.delay === undefined ? {} : { delay: options.delay }),
      ...(options.deadline === undefined
        ? {}
        : { deadline: options.deadline(context.clock.now()) }),
      ...(options.worker === undefined ? {} : { worker: options.worker }),
      ...(options.idempotencyKey === undefined ? {} : { key: options.idempotencyKey }),
      requireEnabled: options.force !== true,
    });
    if (options.dryRun === true) {
      const previews: DataMap[] = [];
      for (const job_id of jobs) {
        const { worker, body } = await realm.previewSend(requestOf(job_id));
        previews.push({ queue: realm.queue(worker).name, message: parseJson(body) });
      }
      printJson(context.stdout, previews);
      return;
    }
    for (const job_id of jobs) {
      const sent = await realm.send(requestOf(job_id));
      runs.push(sent);
      if (options.json) continue;
      // Run ids are for scripts, what is to be known of them for people.
      printLine(context.stdout, `${sent.job_id} ${sent.run_id}`);
      if (sent.repeated) {
        printLine(context.stderr, `${sent.job_id}: sent before with this key, not sent again`);
      }
      if (sent.due !== undefined)
        printLine(context.stderr, `${sent.job_id}: not before ${sent.due}`);
    }
    if (options.wait === true) await waitForRuns(realm, runs, options, context);
    else if (options.json) printJson(context.stdout, runs);
  });
}

/** JSON as it was given, or the content of a file, `@FILE`. */
async function orFile(text: string | undefined, { cwd }: CliContext): Promise<string | undefined> {
  if (text?.startsWith("@") !== true) return text;
  try {
    return await readFile(resolve(cwd, text.slice(1)), "utf8");
  } catch (error) {
    throw new LavaError("BAD_OPTIONS", `${text.slice(1)}: ${errorText(error)}`, {
      kind: "usage",
      cause: error,
    });
  }
}
