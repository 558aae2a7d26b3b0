import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";
import type { WorkerRealm } from "./worker-realm.ts";

/** A worker in a process of its own. */
export interface SpawnedWorker extends AsyncDisposable {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** What it has written so far. */
  output(): string;
  /** Exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts worker `core` of a test's realm as a process, and waits until it polls. */
export async function spawnWorker(
  { emulated, folder }: WorkerRealm,
  options: Readonly<Record<string, unknown>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<SpawnedWorker> {
  const child: ChildProcess = spawn(
    process.execPath,
    [
      "--conditions=@lava/source",
      fileURLToPath(new URL("worker-process.ts", import.meta.url)),
      JSON.stringify(options),
    ],
    {
      env: {
        PATH: process.env["PATH"],
        ...emulated.environment,
        LAVA_TMPDIR: `${folder}/lava`,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data: Buffer) => (output += data.toString()));
  }
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once("exit", (code, signal) => {
      resolve(signal ?? code);
    });
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("the worker cannot be started");
  await Promise.race([
    eventually(() => output.includes("Worker ready")),
    ended.then(() => {
      throw new Error(`the worker ended: ${output}`);
    }),
  ]);
  return {
    pid,
    kill: (signal) => child.kill(signal),
    output: () => output,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGCONT");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
