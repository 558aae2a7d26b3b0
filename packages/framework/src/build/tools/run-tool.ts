import { spawn } from "node:child_process";
import { LavaError } from "@lava/core";

/** A program that a build needs. */
export interface ToolCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of its environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Given on standard input, which is empty otherwise. */
  readonly input?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How it ended. */
export interface ToolResult {
  /** Exit status; undefined when the program is not there, or was killed. */
  readonly status: number | undefined;
  readonly isMissing: boolean;
  readonly stdout: string;
  /** Both outputs as they came, the last of it. */
  readonly output: string;
}

/** How much of an output is kept, characters. */
const KEPT = 1_000_000;

/** Runs a program to its end. A program that is not there is a result, not an error. */
export async function runTool(command: ToolCommand): Promise<ToolResult> {
  const { program, args, cwd, env, input, signal } = command;
  const child = spawn(program, [...args], {
    cwd,
    env: { ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    ...(signal === undefined ? {} : { signal }),
  });
  let stdout = "";
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout = `${stdout}${text}`.slice(-KEPT);
    output = `${output}${text}`.slice(-KEPT);
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output = `${output}${text}`.slice(-KEPT);
  });
  // A program that ends without reading is judged by its status.
  child.stdin?.on("error", () => {});
  if (input !== undefined) child.stdin?.end(input);
  const { promise, resolve, reject } = Promise.withResolvers<ToolResult>();
  child.on("error", (error) => {
    if (signal?.aborted === true) reject(signal.reason);
    else if ("code" in error && error.code === "ENOENT") {
      resolve({ status: undefined, isMissing: true, stdout: "", output: "" });
    } else {
      reject(
        new LavaError("TOOL_FAILED", `${program} cannot be started: ${error.message}`, {
          cause: error,
        }),
      );
    }
  });
  child.on("close", (status) => {
    resolve({ status: status ?? undefined, isMissing: false, stdout, output });
  });
  return await promise;
}

/** The lines of an output that say what went wrong, without logins that may be part of an address. */
export function lastLines(output: string, count = 5): string {
  const lines = output
    .replace(/\/\/[^/@\s]+@/g, "//***@")
    .split(/\r?\n|\r/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !/^\[?notice\]?/i.test(line));
  const errors = lines.filter((line) => /\berror\b|ERR!|ERR_/i.test(line));
  return (errors.length > 0 ? errors.slice(0, count) : lines.slice(-count)).join("\n  ");
}
