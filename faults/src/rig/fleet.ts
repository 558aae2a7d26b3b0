import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { QUIET } from "./endpoint.ts";
import { killAtExit } from "./kill-at-exit.ts";

/** A worker process of a round. */
export interface FleetWorker {
  /** What its AWS clients call themselves: the proxy knows it by that. */
  readonly name: string;
  readonly pid: number;
  readonly isAlive: boolean;
  kill(signal: NodeJS.Signals): void;
  /** Sets its wall clock off by so many milliseconds. */
  setClock(ms: number): void;
  readonly ended: Promise<void>;
}

/** The workers of a round. */
export interface Fleet extends AsyncDisposable {
  /** Those that have not ended, frozen ones included. */
  readonly alive: readonly FleetWorker[];
  /** Starts one more and waits until it polls. */
  add(): Promise<FleetWorker>;
  /** Stops all of them in good order; what does not stop in time is killed. False when one had to be. */
  stop(): Promise<boolean>;
}

/** Options of {@link createFleet}. */
export interface FleetOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For the worker program. */
  readonly options: Readonly<Record<string, number>>;
}

const program = (name: string): string =>
  fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url));

/** A fleet without workers. */
export function createFleet({ folder, env, options }: FleetOptions): Fleet {
  const workers: { worker: FleetWorker; child: ChildProcess }[] = [];
  let count = 0;

  async function add(): Promise<FleetWorker> {
    count += 1;
    const name = `faults-${count}`;
    const clock = join(folder, `clock-${count}`);
    const log = createWriteStream(join(folder, `worker-${count}.log`));
    const child = spawn(
      process.execPath,
      [
        ...["--conditions=@lava/source", ...QUIET, "--import", program("shift-clock")],
        program("worker"),
        JSON.stringify(options),
      ],
      {
        env: { ...env, FAULTS_CLOCK: clock, AWS_EXECUTION_ENV: name },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const { pid } = child;
    if (pid === undefined) throw new Error("a worker cannot be started");
    killAtExit(child);
    const ended = new Promise<void>((resolve) => {
      child.once("exit", (status, signal) => {
        log.end(`ended: ${signal ?? status}\n`);
        resolve();
      });
    });
    let isAlive = true;
    void ended.then(() => (isAlive = false));
    const ready = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (data: Buffer) => {
          if (!log.writableEnded) log.write(data);
          if (data.includes("Worker ready")) resolve();
        });
      }
    });
    const worker: FleetWorker = {
      name,
      pid,
      get isAlive() {
        return isAlive;
      },
      kill: (signal) => void child.kill(signal),
      setClock(ms) {
        writeFileSync(clock, String(ms));
      },
      ended,
    };
    workers.push({ worker, child });
    await Promise.race([ready, ended]);
    return worker;
  }

  const alive = (): FleetWorker[] =>
    workers.map(({ worker }) => worker).filter((worker) => worker.isAlive);
  const killAll = async (): Promise<void> => {
    await Promise.all(
      alive().map(async (worker) => {
        worker.kill("SIGKILL");
        await worker.ended;
      }),
    );
  };
  return {
    get alive() {
      return alive();
    },
    add,
    async stop() {
      const all = alive();
      for (const worker of all) {
        worker.kill("SIGCONT");
        worker.kill("SIGTERM");
      }
      const timer = Promise.withResolvers<void>();
      const timeout = setTimeout(timer.resolve, 20_000);
      await Promise.race([Promise.all(all.map((worker) => worker.ended)), timer.promise]);
      clearTimeout(timeout);
      const isOrderly = alive().length === 0;
      await killAll();
      return isOrderly;
    },
    [Symbol.asyncDispose]: killAll,
  };
}
