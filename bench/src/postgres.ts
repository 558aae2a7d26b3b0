import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { until } from "./measurement.ts";

/**
 * Lends a PostgreSQL of its own (Debian's package) in `folder` to `use`, by a connection string. Undefined where there is no
 * PostgreSQL server.
 */
export async function withPostgres<T>(
  folder: string,
  use: (connectionString: string) => Promise<T>,
): Promise<T | undefined> {
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
    return await use(`postgres:///postgres?host=${encodeURIComponent(folder)}&user=bench`);
  } finally {
    // SIGINT is PostgreSQL's fast shutdown; runuser passes it on.
    execFileSync(...as(join(bin, "pg_ctl"), ["-D", data, "-m", "fast", "stop"]), {
      stdio: "ignore",
    });
    kill();
    process.off("exit", kill);
  }
}
