import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { epochMs, until } from "./measurement.ts";

/**
 * The peer: graphile-worker on a PostgreSQL of its own (Debian's package), the same payload, the same measure.
 * Undefined where there is no PostgreSQL server.
 */
export async function graphileLatencies(
  runs: number,
  folder: string,
): Promise<number[] | undefined> {
  const bin = globSync("/usr/lib/postgresql/*/bin").at(-1);
  if (bin === undefined || !existsSync(join(bin, "postgres"))) return undefined;
  mkdirSync(folder, { recursive: true });
  // The server refuses to run as root.
  const root = process.getuid?.() === 0;
  if (root) {
    execFileSync("chown", ["postgres", folder]);
    for (let path = folder; path !== "/tmp" && path !== "/"; path = join(path, ".."))
      chmodSync(path, 0o755);
  }
  const as = (command: string, args: readonly string[]): [string, string[]] =>
    root ? ["runuser", ["-u", "postgres", "--", command, ...args]] : [command, [...args]];
  const data = join(folder, "data");
  execFileSync(...as(join(bin, "initdb"), ["-D", data, "-U", "bench", "-A", "trust"]), {
    stdio: "ignore",
  });
  const server = spawn(...as(join(bin, "postgres"), ["-D", data, "-h", "", "-k", folder]), {
    stdio: "ignore",
  });
  const kill = (): void => {
    server.kill();
  };
  process.once("exit", kill);
  try {
    await until(() => existsSync(join(folder, ".s.PGSQL.5432")), 20_000, 50);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return await measure(
      runs,
      `postgres:///postgres?host=${encodeURIComponent(folder)}&user=bench`,
      join(folder, "marks"),
    );
  } finally {
    // SIGINT is PostgreSQL's fast shutdown; runuser passes it on.
    execFileSync(...as(join(bin, "pg_ctl"), ["-D", data, "-m", "fast", "stop"]), {
      stdio: "ignore",
    });
    kill();
    process.off("exit", kill);
  }
}

async function measure(runs: number, connectionString: string, marks: string): Promise<number[]> {
  mkdirSync(marks);
  const logger = new Logger(() => () => undefined);
  const utils = await makeWorkerUtils({ connectionString, logger });
  await utils.migrate();
  const runner = await run({
    connectionString,
    concurrency: 4,
    noHandleSignals: true,
    parsedCronItems: [],
    logger,
    taskList: {
      mark: async (payload) => {
        const child = spawn(
          "bash",
          ["-c", 'echo $EPOCHREALTIME > "$0"', String(Object(payload).file)],
          { stdio: "ignore", detached: true },
        );
        await new Promise((resolve) => child.once("close", resolve));
      },
    },
  });
  const values: number[] = [];
  try {
    for (let i = 0; i < runs + 10; i += 1) {
      const file = join(marks, String(i));
      await utils.addJob("mark", { file });
      const queued = epochMs();
      await until(() => existsSync(file) && readFileSync(file, "utf8") !== "", 10_000, 2);
      if (i >= 10)
        values.push(Number(readFileSync(file, "utf8").replace(",", ".")) * 1000 - queued);
    }
  } finally {
    await runner.stop();
    await utils.release();
  }
  return values;
}
