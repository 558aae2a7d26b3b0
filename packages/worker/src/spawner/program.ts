/** What the spawner is asked to start; the answer to it has the same `id`. */
export interface SpawnRequest {
  readonly id: number;
  /** Path of the program. */
  readonly program: string;
  readonly argv0: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Existing files to append to. */
  readonly stdout: string;
  readonly stderr: string;
}

/** What the spawner says: it is ready, or how far a request has come. */
export type SpawnNews =
  | { readonly news: "ready" }
  | { readonly news: "started"; readonly id: number; readonly pid: number }
  | { readonly news: "failed"; readonly id: number; readonly code: string }
  | {
      readonly news: "ended";
      readonly id: number;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    };

/**
 * The spawner's program: starts programs for a worker and tells how they ended. It runs in a process of its own and
 * gets there as the text of this function (`spawner.ts`), as the watchdog's does: so it may use nothing from outside
 * of itself, and its functions are methods.
 *
 * Lines on stdin are requests, lines on stdout news, both JSON. It ends with its stdin: what it has started is for the
 * watchdog to kill, and so is the spawner itself should it linger, since it carries the worker's mark.
 */
export function spawnerProgram(): void {
  const fs = process.getBuiltinModule("node:fs");
  const { spawn } = process.getBuiltinModule("node:child_process");
  const buffer = Buffer.alloc(65_536);
  let rest = Buffer.alloc(0);
  const spawner = {
    tell(news: SpawnNews): void {
      try {
        fs.writeSync(1, `${JSON.stringify(news)}\n`);
      } catch {
        process.exit(0); // nobody listens any more
      }
    },
    /** An output's descriptor is wanted only until the program has its own. */
    start({ id, program, argv0, args, cwd, env, stdout, stderr }: SpawnRequest): void {
      const files: number[] = [];
      try {
        const flags = fs.constants.O_WRONLY | fs.constants.O_APPEND;
        for (const file of [stdout, stderr]) files.push(fs.openSync(file, flags));
        const [out = "ignore", err = "ignore"] = files;
        const stdio: ("ignore" | number)[] = ["ignore", out, err];
        const child = spawn(program, args, { argv0, cwd, env, detached: true, stdio });
        const { pid } = child;
        child.on("error", (error) => {
          if (pid === undefined) spawner.fail(id, error);
        });
        if (pid === undefined) return;
        child.on("exit", (code, signal) => spawner.tell({ news: "ended", id, code, signal }));
        spawner.tell({ news: "started", id, pid });
      } catch (error) {
        spawner.fail(id, error);
      } finally {
        for (const file of files) fs.closeSync(file);
      }
    },
    fail(id: number, error: unknown): void {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      spawner.tell({ news: "failed", id, code });
    },
    next(): void {
      // Not process.stdin: a stream costs megabytes.
      fs.read(0, buffer, 0, buffer.length, null, (error, size) => {
        if (error?.code === "EAGAIN") {
          setTimeout(() => spawner.next(), 1);
          return;
        }
        if (error !== null || size === 0) process.exit(0);
        rest = Buffer.concat([rest, buffer.subarray(0, size)]);
        for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
          const request: SpawnRequest = JSON.parse(rest.toString("utf8", 0, end));
          rest = rest.subarray(end + 1);
          spawner.start(request);
        }
        spawner.next();
      });
    },
  };
  process.title = "lava-spawner";
  // A signal to the worker's terminal or group is not for the spawner: it ends when the worker has.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
    process.on(signal, () => undefined);
  }
  spawner.tell({ news: "ready" });
  spawner.next();
}
