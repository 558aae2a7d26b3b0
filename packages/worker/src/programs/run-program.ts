import { LavaError, parseDuration } from "@lava/core";
import type { JobContext, JobResult } from "../handler.ts";

/** One program of a job, and what its outputs are called. */
interface ProgramRun {
  /** Name in the result (JOB-cmd-07, JOB-exe-06). */
  readonly payload: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly timeout: number;
  /** Local files, and their names in the run's S3 area. */
  readonly stdout: { readonly file: string; readonly name: string };
  readonly stderr: { readonly file: string; readonly name: string };
}

/** Gathers what the programs of one job came to (WF-125). */
export interface ProgramResults {
  /** Runs a program and uploads what it wrote. @throws {LavaError} PROGRAM_FAILED with the results so far */
  run(program: ProgramRun): Promise<void>;
  /** A fault of the job itself, with the results so far and exit status 1. */
  fault(message: string, error: string, cause: unknown): LavaError;
  result(): JobResult;
}

/** An empty list of results. */
export function programResults(context: JobContext): ProgramResults {
  const output: Record<string, unknown>[] = [];
  return {
    async run(program) {
      const { exit_status, error, stderrText } = await context.runProcess({
        argv: program.argv,
        cwd: program.cwd,
        env: program.env,
        timeout: program.timeout,
        stdout: program.stdout.file,
        stderr: program.stderr.file,
      });
      const [stdout, stderr] = await Promise.all([
        context.uploadOutput(program.stdout.file, program.stdout.name),
        context.uploadOutput(program.stderr.file, program.stderr.name),
      ]);
      output.push({
        payload: program.payload,
        exit_status,
        ...(stdout === undefined ? {} : { stdout }),
        ...(stderr === undefined ? {} : { stderr }),
      });
      if (error === null) return;
      // `error` tells of what the program said, so a timeout has none.
      const said = exit_status === 28 && error.startsWith("Timed out") ? {} : { error: stderrText };
      throw new LavaError("PROGRAM_FAILED", error, { data: { exit_status, output, ...said } });
    },
    fault(message, error, cause) {
      return new LavaError("PROGRAM_FAILED", message, {
        cause,
        data: { exit_status: 1, output, error },
      });
    },
    result: () => ({ exit_status: 0, output }),
  };
}

/** Seconds of a job's own timeout, or of the configuration's. */
export function timeoutOf(own: string | number | undefined, configured: string): number {
  return parseDuration(own ?? configured);
}
