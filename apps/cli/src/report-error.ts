import { errorText, formatIssue, LavaError } from "@lava/core";
import { CommanderError } from "commander";
import type { CliContext } from "./command.ts";
import { printJson, printLine, styles } from "./output.ts";

/** Exit statuses of every command (design 12), and that of a command which the user stopped. */
export const EXIT = { done: 0, failure: 1, usage: 2, bug: 70, interrupted: 130 } as const;

/**
 * Tells the user what went wrong and returns the exit status: an expected failure as its message, code, every issue
 * and the hint; anything else as our bug with its stack. With `json` the error goes to stdout as a document.
 */
export function reportError(error: unknown, context: CliContext, json: boolean): number {
  const { stderr, stdout } = context;
  // Commander has printed its own message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : usageOf(context);
  if (context.program !== undefined) return reportAsOriginal(context.program, error, context);
  const style = styles(stderr);
  if (context.signal.aborted && error === context.signal.reason) {
    printLine(stderr, `${style.red("lava")}: ${errorText(error)}`);
    return EXIT.interrupted;
  }
  if (isSystemFault(error)) {
    const fault = new LavaError("SYSTEM_FAULT", error.message, { cause: error });
    return reportError(fault, context, json);
  }
  if (isAwsFault(error)) {
    const fault = new LavaError("AWS_FAULT", `AWS refused: ${error.name}: ${error.message}`, {
      cause: error,
    });
    return reportError(fault, context, json);
  }
  if (!(error instanceof LavaError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    printLine(stderr, `${style.red("lava: internal error")}: ${stack}`);
    printLine(stderr, "This is a bug of lava. Please report it with the command that you ran.");
    return EXIT.bug;
  }
  if (json) {
    const { code, message, hint, issues } = error;
    printJson(stdout, {
      error: { code, message, hint, issues: issues.length > 0 ? issues : undefined },
    });
  }
  printLine(stderr, `${style.red("lava")}: ${error.message} ${style.dim(`[${error.code}]`)}`);
  for (const issue of error.issues) printLine(stderr, `  ${formatIssue(issue)}`);
  if (error.hint !== undefined) printLine(stderr, `${style.cyan("hint")}: ${error.hint}`);
  return error.kind === "usage" ? EXIT.usage : EXIT.failure;
}

/** One line, and 1, or 2 for wrong usage and interruption, as the original has it (CLI-003..005). */
function reportAsOriginal(program: string, error: unknown, { signal, stderr }: CliContext): number {
  if (signal.aborted && error === signal.reason) {
    printLine(stderr, "Interrupt");
    return EXIT.usage;
  }
  printLine(stderr, `${program}: ${errorText(error)}`);
  return error instanceof LavaError && error.kind === "usage" ? usageOf({ program }) : EXIT.failure;
}

/** s3lambda alone ends with 1 when it is used in a wrong way (CLI-207). */
function usageOf({ program }: Pick<CliContext, "program">): number {
  return program === "s3lambda" ? EXIT.failure : EXIT.usage;
}

/** What a service of AWS answered: no rights, too many requests, a resource that is not there. */
function isAwsFault(error: unknown): error is Error {
  return error instanceof Error && "$fault" in error && "$metadata" in error;
}

/** What the operating system refused: a full disk, a missing right, a folder that is not there. */
export function isSystemFault(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error && "errno" in error;
}
