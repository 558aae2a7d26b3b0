import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findServerProgram } from "./find-program.ts";
import { freePort } from "./free-port.ts";
import { selfSignedCertificate } from "./self-signed.ts";
import { type NamedServer, namedServer, type TestSqlServer } from "./sql-server.ts";
import { startProgram } from "./start-program.ts";
import { unprivilegedUser } from "./unprivileged-user.ts";

const run = promisify(execFile);

/** How a MariaDB server is started. */
export interface MariadbOptions {
  /** Without TLS; it has TLS by default. */
  readonly tls?: boolean;
}

/**
 * Starts a MariaDB server with data of its own, TLS and password login. Where LAVA_TEST_MARIADB_URL names a server
 * (`mysql://user:password@host:port/database`), that one is used instead.
 *
 * @param env Where programs are looked up (PATH), and LAVA_TEST_MARIADB_URL.
 * @throws {Error} that says what to install, or why the server does not come up
 */
export async function startMariadb(
  env: Readonly<Record<string, string | undefined>>,
  { tls = true }: MariadbOptions = {},
): Promise<TestSqlServer> {
  const path = env["PATH"] ?? "";
  const named = namedServer(env["LAVA_TEST_MARIADB_URL"], 3306);
  if (named !== undefined) return toServer(named, path, { folder: "", ca: undefined });
  const install = await findServerProgram("mariadb-install-db", "mariadb-server", path);
  const program = await findServerProgram("mariadbd", "mariadb-server", path);
  const user = await unprivilegedUser("mysql", "nobody");
  const admin: NamedServer = {
    host: "127.0.0.1",
    port: await freePort(),
    user: "lava",
    password: randomBytes(12).toString("hex"),
    database: "lava",
  };
  const running = await startProgram({
    name: "mariadb",
    program,
    user,
    env: { PATH: path, TZ: "UTC" },
    startMs: 40_000,
    async prepare(folder) {
      const data = `--datadir=${join(folder, "data")}`;
      const quick = ["--innodb-log-file-size=8M", "--innodb-flush-log-at-trx-commit=0"];
      await run(
        install,
        [
          "--no-defaults",
          data,
          `--tmpdir=${folder}`,
          "--auth-root-authentication-method=normal",
          "--skip-test-db",
          ...quick,
        ],
        { cwd: folder, env: { PATH: path }, ...user },
      );
      await selfSignedCertificate(folder, path, user);
      await writeFile(
        join(folder, "init.sql"),
        `create database ${admin.database};\n` +
          `create user '${admin.user}'@'%' identified by '${admin.password}';\n` +
          `grant all on *.* to '${admin.user}'@'%' with grant option;\n`,
      );
    },
    args: (folder) => [
      "--no-defaults",
      `--datadir=${join(folder, "data")}`,
      `--tmpdir=${folder}`,
      `--socket=${join(folder, "mariadb.sock")}`,
      `--pid-file=${join(folder, "mariadb.pid")}`,
      `--init-file=${join(folder, "init.sql")}`,
      `--bind-address=${admin.host}`,
      `--port=${admin.port}`,
      ...(tls
        ? [`--ssl-cert=${join(folder, "server.crt")}`, `--ssl-key=${join(folder, "server.key")}`]
        : ["--skip-ssl"]),
      ...["--character-set-server=utf8mb4", "--skip-name-resolve", "--skip-log-bin"],
      ...["--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M"],
      ...["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--performance-schema=0"],
    ],
    async isReady() {
      await query(admin, path, "select 1");
      return true;
    },
  });
  const ca = tls ? join(running.folder, "server.crt") : undefined;
  return toServer(admin, path, { folder: running.folder, ca, running });
}

async function query(server: NamedServer, path: string, text: string): Promise<string> {
  const client = await findServerProgram("mysql", "mariadb-client", path);
  const { host, port, user, database, password } = server;
  const where = [`--host=${host}`, `--port=${port}`, `--user=${user}`, `--database=${database}`];
  const { stdout } = await run(
    client,
    [
      "--no-defaults",
      "--batch",
      "--skip-column-names",
      "--connect-timeout=5",
      ...where,
      "-e",
      text,
    ],
    { env: { PATH: path, MYSQL_PWD: password } },
  );
  return stdout.trim();
}

function toServer(
  server: NamedServer,
  path: string,
  { folder, ca, running }: { folder: string; ca: string | undefined; running?: AsyncDisposable },
): TestSqlServer {
  const made: string[] = [];
  const sql = (text: string, database = server.database): Promise<string> =>
    query({ ...server, database }, path, text);
  return {
    name: "mariadb",
    folder,
    env: {},
    ...server,
    ca,
    sql,
    async createDatabase() {
      const name = `lava_${randomBytes(6).toString("hex")}`;
      await sql(`create database ${name}`);
      made.push(name);
      return name;
    },
    async [Symbol.asyncDispose]() {
      if (running !== undefined) return running[Symbol.asyncDispose]();
      for (const name of made) await sql(`drop database ${name}`);
    },
  };
}
