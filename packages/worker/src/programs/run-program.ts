import { LavaError, parseDuration } from "@lava/core";
import type { JobContext, JobResult } from "../handler.ts";
import type { OutputCuts } from "../output-watch.ts";
import type { ProcessResult } from "../process.ts";
import { keepOutputs } from "./keep-outputs.ts";

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
  /** Text for stdin; empty by default. */
  readonly input?: string;
  /** Its output is data that others read: a part of it would be taken for the whole, so a stopped run stores none. */
  readonly isResult?: boolean;
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
      const files = [program.stdout, program.stderr];
      const endWatch = context.watchOutput(files);
      let ended: ProcessResult;
      try {
        ended = await context.runProcess({
          argv: program.argv,
          cwd: program.cwd,
          env: program.env,
          timeout: program.timeout,
          stdout: program.stdout.file,
          stderr: program.stderr.file,
          ...(program.input === undefined ? {} : { input: program.input }),
        });
      } catch (error) {
        tellCuts(await endWatch(), context);
        if (program.isResult !== true) await keepOutputs(files, context);
        throw error;
      }
      const cuts = await endWatch();
      const { exit_status, error, stderrText } = ended;
      tellCuts(cuts, context);
      const [stdout, stderr] = await Promise.all([
        context.uploadOutput(program.stdout.file, program.stdout.name),
        context.uploadOutput(program.stderr.file, program.stderr.name),
      ]);
      output.push({
        payload: program.payload,
        exit_status,
        ...(stdout === undefined ? {} : { stdout }),
        ...(stderr === undefined ? {} : { stderr }),
        ...cutOf(cuts, program.stdout.name, "stdout_cut"),
        ...cutOf(cuts, program.stderr.name, "stderr_cut"),
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

/** Bytes that are missing in an output, where some are. */
function cutOf(cuts: OutputCuts, name: string, field: string): Readonly<Record<string, number>> {
  const cut = cuts.get(name);
  return cut === undefined ? {} : { [field]: cut };
}

/** Says which outputs were too long. */
export function tellCuts(cuts: OutputCuts, { config, logger }: JobContext): void {
  for (const [output, bytes] of cuts) {
    logger.warn(
      { code: "OUTPUT_CUT", output, bytes },
      `Output ${output} is longer than ${config.OUTPUT_MAX_SIZE}: ${bytes} bytes in its middle are left out`,
    );
  }
}

/** Seconds of a job's own timeout, or of the configuration's. */
export function timeoutOf(own: string | number | undefined, configured: string): number {
  return parseDuration(own ?? configured);
}
