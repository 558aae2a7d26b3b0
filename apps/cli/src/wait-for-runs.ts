import { formatDuration, LavaError, quoteShellWord } from "@lava/core";
import type { Realm, RunRecord, Sent } from "@lava/realm";
import type { CliContext } from "./command.ts";
import { eventLine, followRun } from "./follow-run.ts";
import { printJson, printLine } from "./output.ts";
import { createProgress } from "./progress.ts";
import { EXIT } from "./report-error.ts";
import { summarizeRun } from "./run-summary.ts";

/** Options of {@link waitForRuns}. */
export interface WaitOptions {
  /** Milliseconds. */
  readonly timeout?: number;
  readonly json?: boolean;
}

/**
 * Watches runs to their end: what happens to them on stderr, with a moving line of what they do now on a terminal. The
 * exit status is 0 when all of them were complete or skipped, else 1.
 *
 * @throws {LavaError} WAIT_TIMEOUT; the runs go on
 */
export async function waitForRuns(
  realm: Realm,
  runs: readonly Sent[],
  options: WaitOptions,
  context: CliContext,
): Promise<void> {
  const started = context.clock.now();
  const { stderr } = context;
  const progress = createProgress(stderr, options.json === true);
  const now = new Map<string, string>();
  const prefix = runs.length === 1 ? () => "" : ({ job_id }: Sent) => `${job_id}  `;
  const show = (): void => {
    // Only where it can be rewritten: in a file it would be a line each second.
    if (stderr.isTTY !== true) return;
    const states = [...now].map(([job_id, state]) => `${job_id} ${state}`).join(", ");
    progress.step(
      `${formatDuration(Math.round((context.clock.now() - started) / 1000))}  ${states}`,
    );
  };

  async function watch(run: Sent): Promise<RunRecord> {
    try {
      return await followRun(realm, run, context, {
        onEvent: (entry) => {
          progress.log(`${prefix(run)}${eventLine(entry)}`);
        },
        onLook: (record) => {
          now.set(run.job_id, stateOf(record));
          show();
        },
        ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout }),
      });
    } finally {
      now.delete(run.job_id);
      progress.done();
    }
  }

  const ends = await Promise.allSettled(runs.map((run) => watch(run)));
  progress.done();
  if (context.signal.aborted) {
    for (const [index, end] of ends.entries()) {
      const run = runs[index];
      if (end.status === "rejected" && run !== undefined) printLine(stderr, goesOn(run));
    }
  }
  const records = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
  if (records.some(({ status }) => !["complete", "skipped"].includes(status))) {
    context.exitStatus = EXIT.failure;
  }
  if (!options.json) for (const record of records) printLine(stderr, endLine(record, runs.length));
  const [lost, ...others] = ends.flatMap((end) =>
    end.status === "rejected" ? [toError(end.reason)] : [],
  );
  if (lost === undefined) {
    if (options.json)
      printJson(
        context.stdout,
        records.map((record) => toJson(record, runs)),
      );
    return;
  }
  if (others.length > 0 && lost instanceof LavaError && lost.code === "WAIT_TIMEOUT") {
    throw new LavaError(
      "WAIT_TIMEOUT",
      `${others.length + 1} runs were not over in time; they go on`,
      {
        hint: "`lava runs` shows them.",
      },
    );
  }
  throw lost;
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

function stateOf(record: RunRecord | undefined): string {
  const state = record?.extra["x_state"];
  return record?.status || (typeof state === "string" ? state : "queued");
}

function goesOn({ job_id, run_id }: Sent): string {
  return `the run goes on; watch it with: lava events -f ${quoteShellWord(job_id)} ${run_id}`;
}

function endLine(record: RunRecord, runs: number): string {
  const { took, error } = summarizeRun(record);
  const name = runs === 1 ? "" : `${record.job_id} `;
  const time = took === null ? "" : ` in ${formatDuration(took)}`;
  return `${name}${record.status}${time}${error === null ? "" : `: ${error}`}`;
}

function toJson(record: RunRecord, runs: readonly Sent[]): unknown {
  const sent = runs.find(({ run_id }) => run_id === record.run_id);
  return { ...summarizeRun(record), repeated: sent?.repeated ?? false, log: record.log };
}
