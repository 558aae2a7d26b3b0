import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isMap, parseJson } from "@lava/core";

/** A checkout of the original that this machine can run. */
export interface Original {
  /** `8.2.0`. */
  readonly version: string;
  /** Runs one of its programs to its end; fails with what it said. */
  run(program: string, args: readonly string[]): Promise<string>;
  /** Starts a worker, `core` by default, and waits until it is ready; `sleep` and `wait` are its own options. */
  startWorker(options?: {
    threads?: number;
    worker?: string;
    sleep?: number;
    wait?: number;
  }): Promise<OriginalWorker>;
}

/** One of its workers. */
export interface OriginalWorker extends AsyncDisposable {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<void>;
  output(): string;
}

const RUN = fileURLToPath(new URL("run-original.py", import.meta.url));

/** The original in `checkout`, run by `python`, in an environment that names endpoint, realm and TMPDIR. */
export function openOriginal(
  checkout: string,
  python: string,
  env: Readonly<Record<string, string | undefined>>,
): Original {
  const said = parseJson(readFileSync(join(checkout, "lava/VERSION.json"), "utf8"));
  const version = isMap(said) ? String(said["__version_num__"] ?? said["version"] ?? "?") : "?";
  return {
    version,
    async run(program, args) {
      const { stdout } = await promisify(execFile)(python, [RUN, checkout, program, ...args], {
        env,
      });
      return stdout;
    },
    async startWorker({ threads = 2, worker = "core", sleep = 1, wait = 1 } = {}) {
      const child: ChildProcess = spawn(
        python,
        [
          ...[
            RUN,
            checkout,
            "lava-worker",
            "--realm",
            String(env["LAVA_REALM"]),
            "--worker",
            worker,
          ],
          ...["--threads", String(threads), "--sleep", String(sleep), "--wait", String(wait)],
          ...["--root", "--level", "info", "--no-colour"],
        ],
        { env, stdio: ["ignore", "pipe", "pipe"] },
      );
      let output = "";
      const { pid } = child;
      if (pid === undefined) throw new Error("the original's worker cannot be started");
      const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      const ready = new Promise<void>((resolve) => {
        for (const stream of [child.stdout, child.stderr]) {
          stream?.on("data", (data: Buffer) => {
            output += data.toString();
            if (output.includes("Worker ready")) resolve();
          });
        }
      });
      await Promise.race([
        ready,
        ended.then(() => {
          throw new Error(`the original's worker ended: ${output}`);
        }),
      ]);
      return {
        pid,
        kill: (signal) => void child.kill(signal),
        ended,
        output: () => output,
        async [Symbol.asyncDispose]() {
          child.kill("SIGKILL");
          await ended;
        },
      };
    },
  };
}
