import type { GuardedContainer } from "../container-guard.ts";

/**
 * The watchdog's program: kills the processes of jobs when its worker has died (end of file on stdin) or has not
 * renewed its lease in time. It runs in a process of its own and gets there as the text of this function
 * (`watchdog.ts`), so that whoever bundles the worker has no second file to carry. Therefore it may use nothing
 * from outside of itself, and its functions are methods: bundlers put no calls of helpers around those.
 *
 * Lines on stdin: `s<json>` settings, `c<json>` a container is made, `x<name>` it is gone, `+<pgid>` a group began, `-<pgid>` it ended, `a` there are runs, `r` there are
 * none, `l<process>` name of the lease, `m<json>` a message whose run goes on, `n<key>` it is settled, `q` the
 * worker ends in good order. Descriptor 3 is the guard file: until when payloads may live (monotonic milliseconds
 * at 0), when they were killed (at 8).
 */
export function watchdogProgram(): void {
  const fs = process.getBuiltinModule("node:fs");
  const { uptime } = process.getBuiltinModule("node:os");
  const groups = new Set<number>();
  /** Containers of jobs by name; those that the daemon was asked to remove are in `asked` as well. */
  const containers = new Map<string, GuardedContainer>();
  const asked = new Set<string>();
  const messages = new Map<string, unknown>();
  const buffer = Buffer.alloc(65_536);
  const number = Buffer.alloc(8);
  let settings: {
    mark: Buffer;
    lateSeconds: number;
    will?: { command: string; args: string[]; env: Record<string, string> };
  } = { mark: Buffer.alloc(0), lateSeconds: 0 };
  let lease = "";
  let rest = Buffer.alloc(0);
  let late = false;
  /** The worker is dead. */
  let ended = false;
  let armed = false;
  let timer: NodeJS.Timeout | undefined;
  const dog = {
    signal(pid: number): void {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // ended already
      }
    },
    /** Kills all groups, and whoever carries the worker's mark (`process-marks.ts`); their number. */
    killAll(): number {
      for (const pgid of groups) dog.signal(-pgid);
      const { mark } = settings;
      if (mark.length === 0) return 0;
      let found = 0;
      let names: string[] = [];
      try {
        names = fs.readdirSync("/proc");
      } catch {
        // no Linux: the groups must do
      }
      for (const name of names) {
        const pid = Number(name);
        if (!(pid > 0)) continue;
        try {
          const environment = fs.readFileSync(`/proc/${name}/environ`);
          const at = environment.indexOf(mark);
          if (at < 0 || (at > 0 && environment[at - 1] !== 0)) continue;
          dog.signal(pid);
          found += 1;
        } catch {
          // ended meanwhile, or another user's
        }
      }
      return found;
    },
    /**
     * Looks again and again for a while: who was just being started shows its mark a moment later. Not once the
     * worker has said that it knows: what it starts then has a new lease.
     */
    killRepeatedly(rounds: number, quiet: number, done: (all: boolean) => void): void {
      if (!late && !ended) {
        done(false);
        return;
      }
      const calm = dog.killAll() === 0 ? quiet + 1 : 0;
      if (calm >= 3 || rounds === 0) done(calm >= 3);
      else setTimeout(() => dog.killRepeatedly(rounds - 1, calm, done), 50);
    },
    until(): number {
      try {
        fs.readSync(3, number, 0, 8, 0);
        return number.readDoubleLE();
      } catch {
        return 0;
      }
    },
    tick(): void {
      if (!armed || late) return;
      const left = dog.until() - uptime() * 1000;
      // Never for long at a time: timers stand still while the machine sleeps.
      if (left > 0) timer = setTimeout(() => dog.tick(), Math.min(left, 1000));
      else dog.expire();
    },
    /** Kills and removes all containers by the daemon's own protocol, until it has answered for each of them. */
    removeContainers(rounds: number, done: () => void): void {
      for (const container of containers.values()) dog.removeContainer(container);
      if (containers.size === 0 || rounds === 0) done();
      else setTimeout(() => dog.removeContainers(rounds - 1, done), 50);
    },
    removeContainer({ server, name }: GuardedContainer): void {
      if (asked.has(name)) return;
      asked.add(name);
      const isSecure = "host" in server && server.tls;
      const { request } = process.getBuiltinModule(isSecure ? "node:https" : "node:http");
      const certificate = (file: string): Buffer | undefined => {
        try {
          const folder = "host" in server ? server.certPath : undefined;
          return folder === undefined ? undefined : fs.readFileSync(`${folder}/${file}.pem`);
        } catch {
          return undefined;
        }
      };
      const call = request(
        {
          ...("host" in server
            ? { host: server.host, port: server.port }
            : { socketPath: server.socketPath }),
          ...(isSecure
            ? { ca: certificate("ca"), cert: certificate("cert"), key: certificate("key") }
            : {}),
          method: "DELETE",
          path: `/containers/${name}?force=true&v=true`,
        },
        (response) => {
          response.resume();
          const isGone = (response.statusCode ?? 500) < 500;
          if (isGone) containers.delete(name);
          else asked.delete(name);
        },
      );
      call.setTimeout(10_000, () => call.destroy());
      call.on("error", () => {
        setTimeout(() => asked.delete(name), 200);
      });
      call.end();
    },
    expire(): void {
      late = true;
      number.writeDoubleLE(uptime() * 1000);
      try {
        fs.writeSync(3, number, 0, 8, 8);
      } catch {
        // the worker sees for itself that its time is over
      }
      dog.killRepeatedly(20, 0, () => {
        dog.executeWill(settings.lateSeconds, false);
        dog.guardLate();
      });
    },
    /** What a frozen worker starts when it goes on has no lease to live under. */
    guardLate(): void {
      if (!late) return;
      dog.killAll();
      dog.removeContainers(20, () => undefined);
      timer = setTimeout(() => dog.guardLate(), 1000);
    },
    /** Has the messages of the runs sent again, so that other workers need not wait for SQS. */
    executeWill(delay: number, endLease: boolean): void {
      const { will } = settings;
      if (will === undefined || messages.size === 0) return;
      const { spawn } = process.getBuiltinModule("node:child_process");
      const { command, args, env } = will;
      const child = spawn(command, args, {
        env,
        detached: true,
        stdio: ["pipe", "ignore", "ignore"],
      });
      child.on("error", () => undefined);
      child.stdin.on("error", () => undefined);
      child.stdin.end(
        JSON.stringify({ delay, messages: [...messages.values()], ...(endLease ? { lease } : {}) }),
      );
      child.unref();
      messages.clear();
    },
    obey(line: string): void {
      const text = line.slice(1);
      const pgid = Number(text);
      if (line === "q") process.exit(0);
      switch (line[0]) {
        case "+":
          groups.add(pgid);
          if (late) dog.signal(-pgid);
          break;
        case "-":
          groups.delete(pgid);
          break;
        case "c": {
          const container: GuardedContainer = JSON.parse(text);
          containers.set(container.name, container);
          if (late) dog.removeContainer(container);
          break;
        }
        case "x":
          containers.delete(text);
          break;
        case "a":
          clearTimeout(timer);
          late = false;
          armed = true;
          dog.tick();
          break;
        case "r":
          clearTimeout(timer);
          armed = false;
          late = false;
          break;
        case "l":
          lease = text;
          break;
        case "m": {
          const message: { key: string; message: unknown } = JSON.parse(text);
          messages.set(message.key, message.message);
          break;
        }
        case "n":
          messages.delete(text);
          break;
        case undefined:
          break;
        case "s": {
          const { mark, ...more }: { mark: string; lateSeconds: number } = JSON.parse(text);
          settings = { ...more, mark: Buffer.from(mark) };
          break;
        }
      }
    },
    next(): void {
      // Not process.stdin: a stream costs megabytes.
      fs.read(0, buffer, 0, buffer.length, null, (error, size) => {
        if (error?.code === "EAGAIN") {
          setTimeout(() => dog.next(), 10);
          return;
        }
        if (error !== null || size === 0) {
          clearTimeout(timer);
          late = false;
          ended = true;
          dog.killRepeatedly(40, 0, (all) => {
            dog.removeContainers(400, () => {
              const isClear = all && containers.size === 0;
              dog.executeWill(isClear ? 0 : settings.lateSeconds, isClear);
              // The will has what it needs once its pipe is empty; then this process ends by itself.
            });
          });
          return;
        }
        rest = Buffer.concat([rest, buffer.subarray(0, size)]);
        for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
          const line = rest.toString("utf8", 0, end);
          rest = rest.subarray(end + 1);
          dog.obey(line);
        }
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
