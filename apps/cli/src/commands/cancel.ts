import { hostname, userInfo } from "node:os";
import { LavaError } from "@lava/core";
import type { CancelOutcome, Realm, RunKey } from "@lava/realm";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { findRun } from "../run-summary.ts";

interface CancelOptions extends RealmOptions {
  readonly reason?: string;
  readonly json?: boolean;
}

/** What is said of each outcome. */
const TEXTS: { readonly [O in CancelOutcome]: string } = {
  told: "its worker was told, and stops it",
  ended: "it was waiting for its time, and is over",
  noted: "nobody runs it now; the worker that takes it next ends it",
  unreachable: "it is run by a worker that knows nothing of cancels, and goes on",
};

/** `lava cancel`. */
export const registerCancel: Register = (program, context) => {
  addRealmOptions(
    program
      .command("cancel")
      .description("end a run: its processes are stopped, and it does not come back")
      .argument("<job>", "job id")
      .argument("<run>", "run id or its beginning; the whole id of one that waits in a queue")
      .option("--reason <text>", "why, for the events of the run")
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava cancel app/load 3f2a", "a run that goes on"],
          ['lava cancel app/load 3f2a --reason "wrong day"', "with a word to those who ask later"],
        ),
      ),
  ).action((job: string, run: string, options: CancelOptions) =>
    cancel(job, run, options, context),
  );
};

async function cancel(
  job: string,
  run: string,
  options: CancelOptions,
  context: CliContext,
): Promise<void> {
  await withRealm(options, context, async (realm) => {
    const { job_id, run_id } = await findTarget(realm, job, run);
    const outcome = await realm.runs.cancel({
      job_id,
      run_id,
      by: `${userInfo().username}@${hostname()}`,
      hostname: hostname(),
      ...(options.reason === undefined ? {} : { reason: options.reason }),
    });
    if (outcome === "unreachable") context.exitStatus = 1;
    if (options.json) printJson(context.stdout, { job_id, run_id, outcome });
    else printLine(context.stdout, `${job_id} ${run_id}: ${TEXTS[outcome]}`);
  });
}

/** A run that no worker has received yet has no item; only its whole id can name it. */
async function findTarget(realm: Realm, job_id: string, run: string): Promise<RunKey> {
  try {
    return await findRun(realm, job_id, run);
  } catch (error) {
    const isWhole = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(run);
    if (!(error instanceof LavaError) || error.code !== "NO_SUCH_RUN" || !isWhole) throw error;
    if ((await realm.jobs.get(job_id)) === undefined) throw error;
    return { job_id, run_id: run };
  }
}
