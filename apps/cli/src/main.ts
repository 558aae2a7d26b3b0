import { systemClock } from "@lava/core";
import { resolveAlias } from "./aliases.ts";
import type { CliContext } from "./command.ts";
import { colourful } from "./output.ts";
import { createProgram } from "./program.ts";
import { reportError } from "./report-error.ts";

const interrupted = new AbortController();
let argv = process.argv.slice(2);
let program: string | undefined;

const context: CliContext = {
  get program() {
    return program;
  },
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: colourful(process.stdout, process.env),
  stderr: colourful(process.stderr, process.env),
  clock: systemClock,
  signal: interrupted.signal,
  exitStatus: 0,
};

// The worker has its own signals; every other command stops at the first and dies at the second.
const isWorker =
  /^(?:lava-)?worker$/.test(argv[0] ?? "") || /lava-worker/.test(process.argv[1] ?? "");
if (!isWorker) {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      interrupted.abort(new Error(`stopped by ${signal}`));
    });
  }
}
// A reader that went away (`lava runs | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
});

try {
  const alias = resolveAlias(process.argv[1] ?? "", argv);
  if (alias !== undefined) {
    program = alias.name;
    argv = [...alias.argv];
  }
  await createProgram(context).parseAsync(argv, { from: "user" });
  process.exitCode = context.exitStatus;
} catch (error) {
  process.exitCode = reportError(error, context, argv.includes("--json"));
}
