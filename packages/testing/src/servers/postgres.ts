import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findServerProgram } from "./find-program.ts";
import { freePort } from "./free-port.ts";
import { selfSignedCertificate } from "./self-signed.ts";
import { type NamedServer, namedServer, type TestSqlServer } from "./sql-server.ts";
import { startProgram } from "./start-program.ts";
import { unprivilegedUser } from "./unprivileged-user.ts";

const run = promisify(execFile);

/** Where Debian keeps the programs of each version. */
const VERSIONS = "/usr/lib/postgresql";

/** How a PostgreSQL server is started. */
export interface PostgresOptions {
  /** Without TLS; it has TLS by default. */
  readonly tls?: boolean;
}

/**
 * Starts a PostgreSQL server with data of its own, TLS and password login. Members of the role `tlsonly` are let in
 * over TLS alone. Where LAVA_TEST_POSTGRES_URL names a server (`postgres://user:password@host:port/database`), that one
 * is used instead.
 *
 * @param env Where programs are looked up (PATH), and LAVA_TEST_POSTGRES_URL.
 * @throws {Error} that says what to install, or why the server does not come up
 */
export async function startPostgres(
  env: Readonly<Record<string, string | undefined>>,
  { tls = true }: PostgresOptions = {},
): Promise<TestSqlServer> {
  const path = await searchPath(env["PATH"] ?? "");
  const named = namedServer(env["LAVA_TEST_POSTGRES_URL"], 5432);
  if (named !== undefined) return toServer(named, path, { folder: "", ca: undefined });
  const initdb = await findServerProgram("initdb", "postgresql", path);
  const program = await findServerProgram("postgres", "postgresql", path);
  const user = await unprivilegedUser("postgres", "nobody");
  const admin: NamedServer = {
    host: "127.0.0.1",
    port: await freePort(),
    user: "lava",
    password: randomBytes(12).toString("hex"),
    database: "postgres",
  };
  const locale = { PATH: path, LC_ALL: "C.UTF-8", TZ: "UTC" };
  const running = await startProgram({
    name: "postgres",
    program,
    user,
    env: locale,
    async prepare(folder) {
      const data = join(folder, "data");
      const pwfile = join(folder, "pwfile");
      await writeFile(pwfile, admin.password);
      const login = ["-A", "scram-sha-256", "-U", admin.user, `--pwfile=${pwfile}`];
      await run(initdb, ["-D", data, "--no-sync", "-E", "UTF8", ...login], {
        cwd: folder,
        env: locale,
        ...user,
      });
      if (tls) await selfSignedCertificate(folder, path, user);
      const access = join(data, "pg_hba.conf");
      const rules = await readFile(access, "utf8");
      await writeFile(access, `hostnossl all +tlsonly 127.0.0.1/32 reject\n${rules}`);
    },
    args: (folder) => [
      ...["-D", join(folder, "data"), "-k", folder, "-h", admin.host, "-p", String(admin.port)],
      // The data of a test need not outlive a crash.
      ...["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "timezone=UTC"],
      ...(tls
        ? ["-c", "ssl=on", "-c", `ssl_cert_file=${join(folder, "server.crt")}`]
        : ["-c", "ssl=off"]),
      ...(tls ? ["-c", `ssl_key_file=${join(folder, "server.key")}`] : []),
    ],
    async isReady() {
      await run(await findServerProgram("psql", "postgresql-client", path), psqlArgs(admin), {
        env: psqlEnv(admin, path),
      });
      return true;
    },
  });
  const ca = tls ? join(running.folder, "server.crt") : undefined;
  return toServer(admin, path, { folder: running.folder, ca, running });
}

async function searchPath(path: string): Promise<string> {
  const versions = await readdir(VERSIONS).catch(() => []);
  const folders = versions
    .toSorted()
    .toReversed()
    .map((version) => join(VERSIONS, version, "bin"));
  return [...folders, path].join(":");
}

function psqlArgs(
  { host, port, user, database }: NamedServer,
  text = "select 1",
): readonly string[] {
  const where = ["-h", host, "-p", String(port), "-U", user, "-d", database];
  return ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", ...where, "-c", text];
}

const psqlEnv = ({ password }: NamedServer, path: string) => ({
  PATH: path,
  PGPASSWORD: password,
  PGCONNECT_TIMEOUT: "5",
});

function toServer(
  server: NamedServer,
  path: string,
  { folder, ca, running }: { folder: string; ca: string | undefined; running?: AsyncDisposable },
): TestSqlServer {
  const made: string[] = [];
  const sql = async (text: string, database = server.database): Promise<string> => {
    const psql = await findServerProgram("psql", "postgresql-client", path);
    const { stdout } = await run(psql, [...psqlArgs({ ...server, database }, text)], {
      env: psqlEnv(server, path),
    });
    return stdout.trim();
  };
  return {
    name: "postgres",
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
      for (const name of made) await sql(`drop database ${name} with (force)`);
    },
  };
}
