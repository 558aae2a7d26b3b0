import { type Clock, systemClock } from "@lava/core";
import type { CliContext, Output } from "../src/command.ts";
import { createProgram } from "../src/program.ts";
import { reportError } from "../src/report-error.ts";

/** What a command printed and how it ended. */
export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@link runCli}. */
export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  readonly tty?: boolean;
  /** The original's name that the program goes by. */
  readonly program?: string;
  /** That of the tests by default. */
  readonly stdin?: NodeJS.ReadableStream;
}

/** Runs the command line in this process, as `main.ts` does. */
export async function runCli(
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const collect = (): Output & { text: string } => ({
    text: "",
    isTTY: options.tty ?? false,
    columns: 100,
    write(text: string | Uint8Array) {
      this.text += typeof text === "string" ? text : new TextDecoder().decode(text);
      return true;
    },
  });
  const [stdout, stderr] = [collect(), collect()];
  const context: CliContext = {
    program: options.program,
    env: options.env ?? {},
    cwd: options.cwd ?? import.meta.dirname,
    stdin: options.stdin ?? process.stdin,
    stdout,
    stderr,
    clock: options.clock ?? systemClock,
    signal: new AbortController().signal,
    exitStatus: 0,
  };
  try {
    await createProgram(context).parseAsync([...args], { from: "user" });
    return { status: context.exitStatus, stdout: stdout.text, stderr: stderr.text };
  } catch (error) {
    const status = reportError(error, context, args.includes("--json"));
    return { status, stdout: stdout.text, stderr: stderr.text };
  }
}
