import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { until } from "./measurement.ts";

/** Of the socket's name; nothing listens at a port, and a server of the system is not in the way. */
const PORT = "5432";

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
    // It must reach its folder; what is above the folder for temporary things is not ours.
    const top = `${tmpdir()}${sep}`;
    for (let path = folder; path.startsWith(top); path = dirname(path)) chmodSync(path, 0o755);
  }
  const as = (command: string, args: readonly string[]): [string, string[]] =>
    root ? ["runuser", ["-u", "postgres", "--", command, ...args]] : [command, [...args]];
  const data = join(folder, "data");
  execFileSync(...as(join(bin, "initdb"), ["-D", data, "-U", "bench", "-A", "trust"]), {
    stdio: "ignore",
  });
  const server = spawn(
    ...as(join(bin, "postgres"), ["-D", data, "-h", "", "-k", folder, "-p", PORT]),
    {
      stdio: "ignore",
    },
  );
  const kill = (): void => {
    server.kill();
  };
  process.once("exit", kill);
  try {
    // Its socket alone does not say that it answers.
    const isUp = (): boolean =>
      existsSync(join(folder, `.s.PGSQL.${PORT}`)) &&
      spawnSync(...as(join(bin, "pg_isready"), ["-h", folder, "-p", PORT]), { stdio: "ignore" })
        .status === 0;
    await until(isUp, 20_000, 50);
    const host = encodeURIComponent(folder);
    return await use(`postgres:///postgres?host=${host}&port=${PORT}&user=bench`);
  } finally {
    // SIGINT is PostgreSQL's fast shutdown; runuser passes it on.
    spawnSync(...as(join(bin, "pg_ctl"), ["-D", data, "-m", "fast", "stop"]), { stdio: "ignore" });
    kill();
    process.off("exit", kill);
  }
}
