import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import type { DataMap } from "@lava/core";
import {
  type EmulatedRealm,
  emulatedRealm,
  freePort,
  startDockerd,
  startDockerRegistry,
  startMariadb,
  startPostgres,
  startSamba,
  startSmtp,
  startSshd,
} from "@lava/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";

const MAIN = join(import.meta.dirname, "../src/main.ts");
const SECRET = "Geheim-4711";

const stack = new AsyncDisposableStack();
let emulated: EmulatedRealm;
let folder: string;
let env: Record<string, string | undefined>;
/** Secrets by the name of their parameter. */
let parameters: Record<string, string>;
let places: { readonly far: readonly string[]; readonly repository: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-health-"));
  stack.defer(() => rm(folder, { recursive: true }));
  const [postgres, bare, mariadb, sshd, samba, smtp, plainSmtp, dockerd, registry] =
    await Promise.all([
      startPostgres(process.env).then((it) => stack.use(it)),
      startPostgres(process.env, { tls: false }).then((it) => stack.use(it)),
      startMariadb(process.env).then((it) => stack.use(it)),
      startSshd(process.env).then((it) => stack.use(it)),
      startSamba(process.env).then((it) => stack.use(it)),
      startSmtp(process.env, { password: SECRET }).then((it) => stack.use(it)),
      startSmtp(process.env, { password: SECRET, server: { disabledCommands: ["STARTTLS"] } }).then(
        (it) => stack.use(it),
      ),
      startDockerd(process.env).then((it) => stack.use(it)),
      startDockerRegistry(process.env).then((it) => stack.use(it)),
    ]);
  await postgres.sql(
    `create role old login password '${SECRET}' valid until '2020-01-01'; create role robot login password '${SECRET}'`,
  );
  await mariadb.sql(
    `create user robot identified by '${SECRET}'; grant select on mysql.* to robot; create user old identified by '${SECRET}' password expire; grant select on mysql.* to old`,
  );
  parameters = {
    "/pw": SECRET,
    "/wrong": "Falsch-0815",
    "/smb": samba.password,
    "/key": sshd.key,
    "/registry": registry.password,
    "/hook": `https://hooks.slack.com/services/${SECRET}`,
  };
  const pg = { type: "postgres", host: postgres.host, port: postgres.port, database: "postgres" };
  const my = { type: "mariadb", host: mariadb.host, port: mariadb.port, database: "mysql" };
  const login = { user: "robot", password: "/pw" };
  const ssh = { host: sshd.host, port: sshd.port, user: sshd.user, known_hosts: sshd.knownHosts };
  const nas = { type: "smb", host: samba.host, port: samba.port, remote_name: "H" };
  const mail = {
    type: "email",
    subtype: "smtp",
    host: smtp.host,
    port: smtp.port,
    from: "a@x.org",
  };
  const smtpLogin = { user: smtp.user, password: "/pw" };
  const docker = { type: "docker", registry: registry.host, user: registry.user };
  const away = await freePort();
  const connections: Record<string, DataMap> = {
    "ok/attributes": { type: "generic", attributes: { a: { type: "ssm", parameter: "/pw" } } },
    "ok/chat": { type: "slack", webhook_url: "/hook" },
    "ok/docker": { ...docker, password: "/registry" },
    "ok/git": { type: "git", ssh_key: "/key", known_hosts: sshd.knownHosts },
    "ok/lite": { type: "sqlite3", host: join(folder, "a.db"), port: 0 },
    "ok/mail": { ...mail, ...smtpLogin, tls: true },
    "ok/mail-plain": mail,
    "ok/maria": { ...my, ...login },
    "ok/maria-tls": { ...my, ...login, ssl: true },
    "ok/nas": { ...nas, user: samba.user, password: "/smb" },
    "ok/pg": { ...pg, ...login },
    "ok/pg-tls": { ...pg, ...login, ssl: true },
    "ok/sftp": { type: "sftp", ssh_key: "/key", ...ssh },
    "ok/ssh": { type: "ssh", ssh_key: "/key", ...ssh },
    "bad/docker-wrong": { ...docker, password: "/wrong" },
    "bad/lite-none": { type: "sqlite3", host: "/nowhere/a.db", port: 0 },
    "bad/mail-away": { ...mail, port: away },
    "bad/mail-no-tls": {
      ...mail,
      ...smtpLogin,
      host: plainSmtp.host,
      port: plainSmtp.port,
      tls: true,
    },
    "bad/mail-wrong": { ...mail, ...smtpLogin, password: "/wrong", tls: true },
    "bad/maria-away": { ...my, ...login, port: away },
    "bad/maria-expired": { ...my, ...login, user: "old" },
    "bad/maria-wrong": { ...my, ...login, password: "/wrong" },
    "bad/nas-away": { ...nas, user: samba.user, password: "/smb", port: away },
    "bad/nas-wrong": { ...nas, user: samba.user, password: "/wrong" },
    "bad/pg-away": { ...pg, ...login, port: away },
    "bad/pg-expired": { ...pg, ...login, user: "old" },
    "bad/pg-no-parameter": { ...pg, ...login, password: "/none" },
    "bad/pg-no-tls": { ...pg, ...login, host: bare.host, port: bare.port, ssl: true },
    "bad/pg-wrong": { ...pg, ...login, password: "/wrong" },
    "bad/ssh-away": { type: "ssh", ssh_key: "/key", ...ssh, port: away },
    "bad/ssh-host": { type: "ssh", ssh_key: "/key", ...ssh, known_hosts: "" },
    "bad/ssh-user": { type: "ssh", ssh_key: "/key", ...ssh, user: "nobody-at-all" },
    "off/pg": { ...pg, ...login, enabled: false },
  };
  emulated = stack.use(
    await emulatedRealm({
      connections: Object.entries(connections).map(([conn_id, fields]) => ({ conn_id, ...fields })),
    }),
  );
  const ssm = await emulated.realm.clients.ssm();
  for (const [Name, Value] of Object.entries(parameters)) {
    await ssm.send(new PutParameterCommand({ Name, Value, Type: "SecureString" }));
  }
  env = {
    ...emulated.environment,
    ...dockerd.env,
    PATH: process.env["PATH"],
    HOME: folder,
    TMPDIR: folder,
    NODE_EXTRA_CA_CERTS: smtp.ca,
  };
  const far = ["-p", String(sshd.port), `${sshd.user}@${sshd.host}`];
  const repository = join(folder, "repo.git");
  await promisify(execFile)("git", ["init", "-q", "--bare", repository]);
  places = { far, repository: `ssh://${sshd.user}@${sshd.host}:${sshd.port}${repository}` };
}, 120_000);
afterAll(() => stack.disposeAsync());

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command in a process of its own, as certificates of tests are known from its start on. */
function lava(...args: string[]): Promise<Ended> {
  const flags = ["--conditions=@lava/source", "--disable-warning=ExperimentalWarning"];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...flags, MAIN, ...args],
      { env, cwd: folder },
      (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}

const rows = z.array(
  z.object({
    conn_id: z.string(),
    check: z.looseObject({ ok: z.boolean(), latency_ms: z.number().optional() }),
  }),
);

const expectNoSecret = (said: string): void => {
  for (const secret of [...Object.values(parameters), "PRIVATE KEY"]) {
    expect(said).not.toContain(secret);
  }
};

test("connections --check tells server, latency and protection of each family, and no secret", async () => {
  const { status, stdout, stderr } = await lava("connections", "--check", "--json", "ok/*");
  const checks = rows.parse(JSON.parse(stdout));
  const tls = expect.stringMatching(/^TLSv1\.[23]$/);
  const like = (server: RegExp, more: object) => ({
    ok: true,
    server: expect.stringMatching(server),
    ...more,
  });

  expect(
    Object.fromEntries(checks.map(({ conn_id, check }) => [conn_id.slice(3), check])),
  ).toMatchObject({
    attributes: like(/^1 attributes$/, { tls: null }),
    chat: like(/^Slack hooks\.slack\.com$/, { tls: null }),
    docker: like(/^Docker \d+\./, { details: { registry: expect.stringMatching(/^127/) } }),
    git: like(/^git version 2/, {}),
    lite: like(/^SQLite 3\./, { tls: null }),
    mail: like(/^SMTP \S+ ESMTP/, { tls }),
    "mail-plain": like(/^SMTP \S+ ESMTP/, { tls: null }),
    maria: like(/^MariaDB 1\d\./, { tls: null }),
    "maria-tls": like(/^MariaDB 1\d\./, { tls }),
    nas: like(/^SMB 127\.0\.0\.1:\d+$/, { details: { encrypted: false } }),
    pg: like(/^PostgreSQL 1\d/, { tls: null }),
    "pg-tls": like(/^PostgreSQL 1\d/, { tls }),
    sftp: like(/^SSH OpenSSH_\d/, { details: { cipher: expect.any(String) } }),
    ssh: like(/^SSH OpenSSH_\d/, { details: { host_key: "ssh-ed25519" } }),
  });
  for (const { check } of checks) expect(check.latency_ms).toBeGreaterThanOrEqual(0);
  expect(status).toBe(0);
  expectNoSecret(stdout + stderr);
  const { stdout: table } = await lava("connections", "--check", "ok/s*", "ok/pg*");
  expect(table).toMatch(/^ok\/pg +postgres +yes +PostgreSQL \d.*, \d+ ms, no TLS$/m);
  expect(table).toMatch(/^ok\/pg-tls .*, \d+ ms, TLSv1\.3$/m);
  expect(table).toMatch(/^ok\/ssh .*OpenSSH_.*encrypted with \S+$/m);
}, 60_000);

test("connections --check tells why one fails: code, place, and what to do; status 1", async () => {
  const { status, stdout, stderr } = await lava("connections", "--check", "--json", "bad/*");
  const checks = rows.parse(JSON.parse(stdout));
  const fault = (code: string, message: RegExp) => ({
    ok: false,
    code,
    message: expect.stringMatching(message),
  });

  expect(status).toBe(1);
  expect(
    Object.fromEntries(checks.map(({ conn_id, check }) => [conn_id.slice(4), check])),
  ).toMatchObject({
    "docker-wrong": fault("REGISTRY_LOGIN_FAILED", /bad\/docker-wrong.*401/),
    "lite-none": fault("SQL_ERROR", /\/nowhere\/a\.db|unable to open/),
    "mail-away": fault("CONNECTION_FAILED", /bad\/mail-away: .*ECONNREFUSED.*localhost:\d+/),
    "mail-no-tls": fault(
      "CONNECTION_FAILED",
      /bad\/mail-no-tls: .*(?:STARTTLS|TLS).*localhost:\d+/,
    ),
    "mail-wrong": fault("LOGIN_FAILED", /bad\/mail-wrong: Invalid login: 535/),
    "maria-away": fault("CONNECTION_FAILED", /bad\/maria-away.*127\.0\.0\.1:\d+/),
    "maria-expired": fault("LOGIN_FAILED", /bad\/maria-expired.*expired/),
    "maria-wrong": fault("LOGIN_FAILED", /bad\/maria-wrong.*Access denied/),
    "nas-away": fault("CONNECTION_FAILED", /bad\/nas-away.*127\.0\.0\.1:\d+/),
    "nas-wrong": fault("LOGIN_FAILED", /bad\/nas-wrong.*LOGON_FAILURE/),
    "pg-away": fault("CONNECTION_FAILED", /bad\/pg-away.*127\.0\.0\.1:\d+/),
    "pg-expired": fault("LOGIN_FAILED", /bad\/pg-expired.*password authentication failed/),
    "pg-no-parameter": fault("NO_SUCH_PARAMETER", /\/none/),
    "pg-no-tls": fault("CONNECTION_FAILED", /bad\/pg-no-tls.*(?:SSL|TLS)/),
    "pg-wrong": fault("LOGIN_FAILED", /bad\/pg-wrong.*password authentication failed/),
    "ssh-away": fault("CONNECTION_FAILED", /bad\/ssh-away.*127\.0\.0\.1:\d+.*nobody listens/),
    "ssh-host": fault("HOST_KEY_REFUSED", /bad\/ssh-host.*not a known host/),
    "ssh-user": fault("LOGIN_FAILED", /bad\/ssh-user.*does not accept this user/),
  });
  const unhelpful = checks.filter(({ check }) => typeof check["hint"] !== "string");
  expect(unhelpful.map(({ conn_id }) => conn_id)).toEqual([]);
  expectNoSecret(stdout + stderr);
}, 60_000);

test.each<[string, string[], RegExp]>([
  ["ok/pg", ["-Atc", "select 'it is ' || current_user"], /^it is robot$/],
  ["ok/pg-tls", ["-Atc", "select ssl from pg_stat_ssl where pid = pg_backend_pid()"], /^t$/],
  ["ok/maria", ["--skip-column-names", "-e", "select current_user()"], /^robot@%$/],
  ["ok/lite", ["-cmd", "select 1 + 1"], /^2$/],
  ["ok/ssh", ["FAR", "echo over there"], /^over there$/],
  ["ok/git", ["ls-remote", "REPOSITORY"], /^$/],
  ["ok/attributes", ["a"], /^Geheim-4711$/],
])("connect %s runs the client of its type, logged in", async (conn_id, args, answer) => {
  const words = args.flatMap((word) =>
    word === "FAR" ? places.far : [word === "REPOSITORY" ? places.repository : word],
  );
  const { status, stdout, stderr } = await lava("connect", conn_id, "--", ...words);

  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout.trim()).toMatch(answer);
});

test.each<[string, string[], number, RegExp]>([
  ["ok/none", [], 1, /ok\/none: No such connection/],
  ["off/pg", [], 1, /Connection off\/pg: Not enabled/],
  ["bad/pg-no-parameter", [], 1, /bad\/pg-no-parameter.*\/none/],
  ["bad/pg-wrong", ["-c", "select 1"], 2, /password authentication failed for user "robot"/],
  ["bad/pg-away", ["-c", "select 1"], 2, /Connection refused/],
  ["bad/maria-wrong", ["-e", "select 1"], 1, /Access denied for user 'robot'/],
  ["ok/docker", [], 1, /ok\/docker: Unsupported connection type - docker/],
])("connect %s %o ends with %i and says why", async (conn_id, args, status, why) => {
  const ended = await lava("connect", conn_id, "--", ...args);

  expect(ended).toMatchObject({ status, stderr: expect.stringMatching(why) });
  expectNoSecret(ended.stdout + ended.stderr);
});
