import { type DataMap, LavaError } from "@lava/core";
import type { BackfillResult } from "@lava/scheduler";
import { collect, parseAssignments } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { count } from "../option-values.ts";
import { printJson, printLine } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { timeInZone } from "../scheduler/time-in-zone.ts";

interface BackfillOptions extends RealmOptions {
  readonly from: string;
  readonly to: string;
  readonly parallel: number;
  readonly again?: boolean;
  readonly dryRun?: boolean;
  readonly param?: string[];
  readonly global?: string[];
  readonly zone?: string;
  readonly json?: boolean;
}

/** `lava backfill`. */
export const registerBackfill: Register = (program, context) => {
  addRealmOptions(
    program
      .command("backfill")
      .description("dispatch the scheduled runs of a job that a stretch of the past has not seen")
      .argument("<job>", "job id")
      .requiredOption(
        "--from <time>",
        "first moment, ISO 8601; without an offset in the job's zone",
      )
      .requiredOption("--to <time>", "last moment, likewise")
      .option("--parallel <count>", "so many runs unfinished at a time", count, 1)
      .option("--again", "also slots that were dispatched before")
      .option("--dry-run", "print the slots and dispatch nothing")
      .option("-p, --param <name=value>", "a parameter of each run (repeatable)", collect)
      .option("-g, --global <name=value>", "a global of each run (repeatable)", collect)
      .option("--zone <zone>", "zone of the job's dispatcher, where the realm does not say")
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          [
            "lava backfill app/load --from 2026-11-01 --to 2026-11-07 --dry-run",
            "which slots there are",
          ],
          [
            "lava backfill app/load --from 2026-11-01 --to 2026-11-07 --parallel 4",
            "runs see the time of their slot as globals.slot",
          ],
        ),
      ),
  ).action((job: string, options: BackfillOptions) => runBackfill(job, options, context));
};

async function runBackfill(
  job_id: string,
  options: BackfillOptions,
  context: CliContext,
): Promise<void> {
  const scheduler = await import("@lava/scheduler");
  const { readDispatchers, requireItem } = await import("../scheduler/realm-schedules.ts");
  await withRealm(options, context, async (realm) => {
    const item = await requireItem(realm, job_id);
    const dispatcher = String(item["dispatcher"] ?? "");
    const zone =
      options.zone ?? scheduler.zoneOfDispatcher(await readDispatchers(realm), dispatcher);
    const job = scheduler.bookJob(item, { zone, catchUpMs: 0 });
    if (job === undefined) {
      throw new LavaError("NO_SCHEDULE", `Job ${job_id} is not enabled, or has no schedule`, {
        retry: "never",
        hint: "Enable it, or dispatch it with `lava dispatch`.",
      });
    }
    const read = (text: string): number => scheduler.readTime(text, job.schedule.zone);
    const to = Math.min(read(options.to), context.clock.now() - 60_000);
    const from = read(options.from);
    const slots =
      from > to && from <= read(options.to) ? [] : scheduler.slotsBetween(job, from, to);
    const zoneId = job.schedule.zone.id;
    const results: (Omit<BackfillResult, "slot"> & { readonly slot: string })[] = [];
    const tell = ({ slot, ...rest }: BackfillResult): void => {
      results.push({ slot: new Date(slot).toISOString(), ...rest });
      if (isBad(rest.outcome)) context.exitStatus = 1;
      if (options.json) return;
      const what = [rest.run_id, rest.outcome, rest.error].filter((part) => part !== undefined);
      printLine(context.stdout, `${timeInZone(slot, zoneId)}  ${what.join(" ")}`);
    };
    if (options.dryRun) {
      for (const slot of slots) tell({ slot, run_id: undefined, outcome: "to be dispatched" });
    } else {
      await scheduler.backfill({
        realm,
        job,
        slots,
        parallel: options.parallel,
        again: options.again === true,
        globals: parseAssignments(options.global, undefined, "--global") ?? NONE,
        parameters: parseAssignments(options.param, undefined) ?? NONE,
        signal: context.signal,
        onResult: tell,
      });
    }
    if (options.json) printJson(context.stdout, results);
    else if (slots.length === 0) printLine(context.stdout, "no slot lies in that range");
  });
}

const NONE: DataMap = {};

function isBad(outcome: string): boolean {
  return ["error", "failed", "rejected", "skipped"].includes(outcome);
}
