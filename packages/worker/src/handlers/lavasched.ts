import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorText, LavaError } from "@lava/core";
import { textOf } from "@lava/realm";
import { buildCrontab, type CrontabJob } from "../crontab/build-crontab.ts";
import { lockCrontab } from "../crontab/crontab-lock.ts";
import { installCrontab, readCrontab } from "../crontab/crontab-program.ts";
import { unifiedDiff } from "../crontab/unified-diff.ts";
import { defineHandler, type JobContext, type JobResult } from "../handler.ts";

/**
 * `lavasched`: writes the crontab entries of dispatchers (JOB-lavasched-01..13). Schedules that cannot be read are
 * left out and fail the job at its end; the others are written.
 */
export const lavasched = defineHandler({
  type: "lavasched",
  async run(job, context) {
    const { dispatcher, args, env } = job.parameters;
    const jobs = await scheduledJobs(
      Array.isArray(dispatcher) ? dispatcher : [dispatcher],
      context,
    );
    await using _lock = await lockCrontab(context.clock, context.signal);
    const old = await readCrontab(context);
    const { text, faults } = buildCrontab(old, {
      realm: job.realm,
      env,
      program: context.config.DISPATCHER,
      args,
      jobs,
      now: context.clock.now(),
      zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
    const result = text === old ? { exit_status: 0 } : await install(old, text, context);
    if (faults.length === 0) return result;
    for (const fault of faults) context.logger.error({ job_id: job.job_id }, fault);
    throw new LavaError("BAD_SCHEDULES", faults.join("; "), {
      retry: "never",
      data: { ...result, exit_status: 1 },
      hint: "The other schedules are in the crontab; `lava schedule explain JOB` says what is wrong.",
    });
  },
});

/** The jobs of the dispatchers, in the order of the original (JOB-lavasched-04). */
async function scheduledJobs(
  dispatchers: readonly string[],
  { realm, signal }: JobContext,
): Promise<CrontabJob[]> {
  const jobs: CrontabJob[] = [];
  for (const dispatcher of dispatchers.toSorted()) {
    signal.throwIfAborted();
    for (const { job_id, item } of await realm.schedule.listJobs(dispatcher)) {
      jobs.push({ job_id, worker: textOf(item["worker"]) ?? "", schedule: item["schedule"] });
    }
  }
  return jobs;
}

async function install(old: string, text: string, context: JobContext): Promise<JobResult> {
  const result: Record<string, unknown> & { exit_status: number } = { exit_status: 0 };
  try {
    const kept = await context.uploadText(old, "crontab.old");
    if (kept !== undefined) result["crontab.old"] = kept;
  } catch (cause) {
    throw new LavaError(
      "CRONTAB_NOT_KEPT",
      `Could not copy old crontab to S3 - ${errorText(cause)}`,
      { cause, data: { ...result, exit_status: 2 } },
    );
  }
  result["crontab.new"] = await context.uploadText(text, "crontab.new");
  const lines = (of: string): string[] => (of === "" ? [] : of.replace(/\n$/, "").split("\n"));
  result["crontab.diff"] = unifiedDiff(lines(old), lines(text), ["Old", "New"]);
  const file = join(context.tmpdir, "crontab.new");
  await writeFile(file, text, { mode: 0o600 });
  try {
    await installCrontab(file, context);
  } catch (cause) {
    throw new LavaError("CRONTAB_REFUSED", `Could not install new crontab - ${errorText(cause)}`, {
      cause,
      data: result,
      hint: "The crontab is as it was; crontab.new of the run is what cron refused.",
    });
  }
  return result;
}
