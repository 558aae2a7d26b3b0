/**
 * The watchdog's program: kills the process groups of jobs when its worker has died (end of file on stdin) or has
 * not renewed its lease in time. It runs in a process of its own and gets there as the text of this function
 * (`watchdog.ts`), so that whoever bundles the worker has no second file to carry. Therefore it may use nothing
 * from outside of itself, and its functions are methods: bundlers put no calls of helpers around those.
 *
 * Lines on stdin: `+<pgid>` a group began, `-<pgid>` it ended, `d<ms>` all is well for so long (`d0`: for ever),
 * `q` the worker ends in good order.
 */
export function watchdogProgram(): void {
  const { read } = process.getBuiltinModule("node:fs");
  const groups = new Set<number>();
  const buffer = Buffer.alloc(4096);
  let rest = "";
  let late = false;
  let timer: NodeJS.Timeout | undefined;
  const dog = {
    kill(pgid: number): void {
      try {
        process.kill(-pgid, "SIGKILL");
      } catch {
        // ended already
      }
    },
    killAll(): void {
      for (const pgid of groups) dog.kill(pgid);
    },
    expire(): void {
      late = true;
      dog.killAll();
    },
    obey(line: string): void {
      const number = Number(line.slice(1));
      if (line === "q") process.exit(0);
      if (line.startsWith("+")) {
        groups.add(number);
        if (late) dog.kill(number);
      } else if (line.startsWith("-")) groups.delete(number);
      else if (line.startsWith("d")) {
        clearTimeout(timer);
        late = false;
        timer = number > 0 ? setTimeout(() => dog.expire(), number) : undefined;
      }
    },
    next(): void {
      // Not process.stdin: a stream costs megabytes.
      read(0, buffer, 0, buffer.length, null, (error, size) => {
        if (error?.code === "EAGAIN") {
          setTimeout(() => dog.next(), 10);
          return;
        }
        if (error !== null || size === 0) {
          dog.killAll();
          process.exit(0);
        }
        const lines = (rest + buffer.toString("latin1", 0, size)).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) dog.obey(line);
        dog.next();
      });
    },
  };
  process.title = "lava-watchdog";
  // A signal to the worker's terminal or group is not for the watchdog: it ends when the worker has.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
    process.on(signal, () => undefined);
  }
  dog.next();
}
