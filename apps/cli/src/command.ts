import type { Clock } from "@lava/core";
import type { Command } from "commander";

/** What a command is given: the process, without reaching for it. */
export interface CliContext {
  /** Set where the command goes by the name that it has in the original: messages and statuses are the original's. */
  readonly program?: string | undefined;
  /** The user's, with `--profile` and `--region` laid over it once a command runs. */
  env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  /** The status that the process will end with; a command raises it when what it reports is a failure. */
  exitStatus: number;
}

/** A stream that text is written to; colours and progress only where it is a terminal. */
export interface Output {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Adds one command to the program. Anything heavy is imported inside its action. */
export type Register = (program: Command, context: CliContext) => void;
