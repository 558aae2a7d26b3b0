import type { GuardedContainer } from "../container-guard.ts";

/**
 * The watchdog's program: kills the process groups of jobs when its worker has died (end of file on stdin) or has
 * not renewed its lease in time. It runs in a process of its own and gets there as the text of this function
 * (`watchdog.ts`), so that whoever bundles the worker has no second file to carry. Therefore it may use nothing
 * from outside of itself, and its functions are methods: bundlers put no calls of helpers around those.
 *
 * Lines on stdin: `c<json>` a container is made, `x<name>` it is gone, `+<pgid>` a group began, `-<pgid>` it ended, `d<ms>` all is well for so long (`d0`: for ever),
 * `q` the worker ends in good order.
 */
export function watchdogProgram(): void {
  const { read, readFileSync } = process.getBuiltinModule("node:fs");
  const groups = new Set<number>();
  const buffer = Buffer.alloc(4096);
  /** Containers of jobs by name; those that the daemon was asked to remove are in `asked` as well. */
  const containers = new Map<string, GuardedContainer>();
  const asked = new Set<string>();
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
          return folder === undefined ? undefined : readFileSync(`${folder}/${file}.pem`);
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
      dog.killAll();
      dog.removeContainers(200, () => undefined);
    },
    obey(line: string): void {
      const number = Number(line.slice(1));
      if (line === "q") process.exit(0);
      if (line.startsWith("c")) {
        const container: GuardedContainer = JSON.parse(line.slice(1));
        containers.set(container.name, container);
        if (late) dog.removeContainer(container);
      }
      if (line.startsWith("x")) containers.delete(line.slice(1));
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
          dog.removeContainers(400, () => process.exit(0));
          return;
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
