import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { DataMap } from "@lava/core";
import { afterAll, describe, expect, test } from "vitest";
import { connectCli } from "../src/connect-cli.ts";
import { connectSql } from "../src/connect.ts";
import { mysqlWrapper } from "../src/sql/mysql/mysql-wrapper.ts";
import { fakeRealm } from "./fake-realm.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-sql-rows-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A client program of this name, first on PATH: it prints its arguments, and what it finds in these variables. */
function client(name: string, version = ""): string {
  const bin = mkdtempSync(join(folder, "bin-"));
  const path = join(bin, name);
  const variables = ["PGPASSFILE", "PGPASSWORD", "PGSSLMODE", "PGSSLROOTCERT", "PGAPPNAME"];
  const shown = variables.map((word) => `echo "${word}=\${${word}-}"`).join("\n");
  writeFileSync(
    path,
    `#!/bin/bash\n[ "$1" = --version ] && { echo "${version}"; exit; }\nprintf "<%s>\\n" "$@"\n${shown}\nexit 5\n`,
  );
  chmodSync(path, 0o755);
  return [bin, "/usr/bin", "/bin"].join(delimiter);
}

const BASE = { enabled: true, host: "h", port: 1234, user: "u", database: "d", password: "/pw" };

async function wrapper(
  item: DataMap,
  PATH: string,
  { password = "sword:\\fish", job_id }: { password?: string; job_id?: string } = {},
) {
  const realm = fakeRealm({
    connections: { conn: { ...BASE, ...item } },
    parameters: { "/pw": password },
  });
  const options = {
    realm,
    workdir: folder,
    env: { PATH },
    ...(job_id === undefined ? {} : { job_id }),
  };
  const command = await connectCli("conn", options);
  const { stdout, status } = spawnSync(command, ["-c", "select 'a b'"], {
    env: { PATH, LAVA_REALM: "test" },
    encoding: "utf8",
    input: "",
  });
  const files = readdirSync(dirname(command)).map((name) => ({
    name,
    mode: statSync(join(dirname(command), name)).mode & 0o777,
    text: readFileSync(join(dirname(command), name), "utf8"),
  }));
  return { command, stdout, status, files };
}

describe.each([
  "postgres",
  "psql",
  "postgres-rds",
  "postgres-aurora",
  "redshift",
  "redshift-serverless",
])("the psql command of %s", (type) => {
  test("has the password in a file alone, colons and backslashes escaped (CON-postgres-03, CON-psql-01, CON-redshift-03, CON-postgres-rds-01, CON-all-18)", async () => {
    const { stdout, status, files } = await wrapper({ type }, client("psql"));

    expect(files.find(({ name }) => name === ".pgpass")).toEqual({
      name: ".pgpass",
      mode: 0o600,
      text: "h:1234:d:u:sword\\:\\\\fish\n",
    });
    expect(files.find(({ name }) => name === "psql")?.text).not.toContain("fish");
    expect(stdout).toContain("PGPASSWORD=\n");
    expect(status).toBe(5);
  });

  test("has a password that .pgpass cannot hold in the environment alone (CON-postgres-03, CON-redshift-03)", async () => {
    const password = "x'".repeat(1000);
    const { command, stdout, files } = await wrapper({ type }, client("psql"), { password });

    expect(stdout).toContain(`PGPASSWORD=${password}\n`);
    expect(readFileSync(command, "utf8")).not.toContain("x'x");
    expect(files.filter(({ text }) => text.includes("x'x")).map(({ mode }) => mode)).toEqual([
      0o600,
    ]);
  });

  test("tells the server's place, TLS and the caller's arguments (CON-postgres-02, 04)", async () => {
    const plain = await wrapper({ type }, client("psql"));
    const safe = await wrapper(
      { type, ssl: true, ca_cert: "/etc/my ca.pem", ssl_verify: "full" },
      client("psql"),
    );

    expect(plain.stdout).toMatch(
      /^<-h>\n<h>\n<-p>\n<1234>\n<-d>\n<d>\n<-U>\n<u>\n<--no-psqlrc>\n<--set=sslmode=prefer>\n<--quiet>\n<--set>\n<ON_ERROR_STOP=on>\n<--pset>\n<footer=off>\n<-c>\n<select 'a b'>\n/,
    );
    expect(plain.stdout).toContain("PGSSLMODE=prefer\n");
    expect(safe.stdout).toContain("PGSSLMODE=verify-full\nPGSSLROOTCERT=/etc/my ca.pem\n");
  });

  test("tells the server its name (CON-postgres-05, CON-all-12, 13)", async () => {
    const { stdout } = await wrapper({ type }, client("psql"), { job_id: "a/job" });

    expect(stdout).toMatch(/PGAPPNAME=.*a\/job/);
  });
});

describe.each(["mysql", "mysql-aurora", "mysql-rds", "mariadb", "mariadb-rds"])(
  "the mysql command of %s",
  (type) => {
    test.each([
      ["mysql  Ver 8.0.36 for Linux", ["--ssl-mode=required", "--ssl-ca=/ca.pem"]],
      ["mysql  Ver 15.1 Distrib 10.11-MariaDB", ["--ssl", "--ssl-ca=/ca.pem"]],
    ])(
      "of %s has the password in a file alone, and TLS in its words (CON-mysql-01..03, CON-mysql-rds-01, CON-mariadb-01)",
      async (version, tls) => {
        const { command, stdout, files } = await wrapper(
          { type, ssl: true, ca_cert: "/ca.pem" },
          client("mysql", version),
          { password: "a # \\b" },
        );

        expect(files.find(({ name }) => name === ".mysql.conf")).toEqual({
          name: ".mysql.conf",
          mode: 0o600,
          text: '[client]\nuser="u"\npassword="a # \\\\b"\n',
        });
        expect(stdout.split("\n").slice(0, 9)).toEqual([
          `<--defaults-file=${dirname(command)}/.mysql.conf>`,
          "<--batch>",
          "<--host=h>",
          "<--port=1234>",
          "<--connect-timeout=10>",
          "<--database=d>",
          ...tls.map((word) => `<${word}>`),
          "<-c>",
        ]);
      },
    );
  },
);

test("a token of IAM goes to a MySQL server over TLS alone (CON-mysql-aurora-01)", () => {
  const spec = { conn_id: "c", type: "mysql-aurora", dialect: "mysql", host: "h", port: 1 };
  const login = { user: "u", password: "token", database: "d" };

  expect(() => mysqlWrapper({ ...spec, ...login, fields: {} }, "mysql", true)).toThrow(
    "SSL is required with IAM database authentication",
  );
  const { files } = mysqlWrapper({ ...spec, ...login, fields: { ssl: true } }, "mysql", true);
  expect(files.at(-1)?.content).toContain("--ssl-mode=required --enable-cleartext-plugin");
});

test("the mysql command needs no database, and no client is one clear failure (CON-mysql-01, 03)", async () => {
  const { stdout } = await wrapper({ type: "mysql", database: "" }, client("mysql", "Ver 8"));
  expect(stdout).not.toContain("--database");

  const none = mkdtempSync(join(folder, "none-"));
  await expect(wrapper({ type: "mysql" }, none)).rejects.toMatchObject({
    message: expect.stringContaining("No mysql client available"),
  });
});

test("an mssql connection's command is lava-sql, without a secret (CON-mssql-02)", async () => {
  const { command, stdout, files } = await wrapper({ type: "mssql" }, client("lava-sql"));

  expect(stdout).toMatch(/^<--conn-id>\n<conn>\n<--realm>\n<test>\n<-c>\n<select 'a b'>\n/);
  expect(files.map(({ text }) => text).join("")).not.toContain("fish");
  expect(command).toMatch(/\/lava-sql$/);
});

test("an sqlite3 connection needs a port, which means nothing, and neither user nor password (CON-sqlite3-01)", async () => {
  const item = { type: "sqlite3", enabled: true, host: join(folder, "a.db") };
  const realm = fakeRealm({ connections: { db: { ...item, port: 99 }, bare: item } });

  await using db = await connectSql("db", { realm });
  expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);
  await expect(connectSql("bare", { realm })).rejects.toMatchObject({
    message: expect.stringContaining("Missing keys: port"),
  });
});

const DATABASE = { host: "127.0.0.1", port: 1, user: "u", password: "/pw" };

test.each([
  ["postgres", {}, "database must be specified for Postgres"],
  ["psql", {}, "database must be specified for Postgres"],
  ["redshift", {}, "database must be specified for Redshift"],
  ["redshift-serverless", {}, "database must be specified for Redshift"],
  ["redshift", { database: "d", subtype: "pygresql" }, "PyGreSQL no longer supports Redshift"],
  ["postgres", { database: "d", subtype: "other" }, "('postgresql', 'other')"],
  ["mariadb", { database: "d", subtype: "other" }, "('mysql', 'other')"],
  ["oracle-rds", { sid: "d", subtype: "other" }, "('oracle', 'other')"],
  ["mssql", { database: "d", subtype: "other" }, "('mssql', 'other')"],
  ["mysql", { database: "d", password: null }, "Password must be specified"],
  ["mariadb", { database: "d", password: null }, "Password must be specified"],
  ["postgres", { database: "d", password: null }, "Password must be specified"],
  ["oracle", { sid: "d", password: null }, "Password must be specified"],
  ["oracle-rds", { sid: "d", password: null }, "Password must be specified"],
])(
  "a connection of type %s with %o is refused: %s (CON-postgres-01, CON-redshift-01, CON-redshift-serverless-01, CON-mysql-01, CON-mariadb-01, CON-oracle-01, CON-oracle-rds-01, CON-all-09, 14, 15)",
  async (type, more, message) => {
    const item: DataMap = { type, enabled: true, ...DATABASE, ...more };
    const given = Object.entries(item).filter(([, value]) => value !== null);
    const realm = fakeRealm({
      connections: { db: Object.fromEntries(given) },
      parameters: { "/pw": "fish" },
    });

    await expect(connectSql("db", { realm, env: {} })).rejects.toMatchObject({
      message: expect.stringContaining(message),
    });
  },
);

test.each(["mysql", "mariadb-rds", "mssql"])(
  "a connection of type %s without a database says so in the original's word, and what to do about it (T-50)",
  async (type) => {
    const item = { type, enabled: true, ...DATABASE };
    const realm = fakeRealm({ connections: { db: item }, parameters: { "/pw": "fish" } });

    await expect(connectSql("db", { realm, env: {} })).rejects.toMatchObject({
      code: "BAD_CONNECTION_RECORD",
      message: "'database'",
      hint: expect.stringContaining("needs a database"),
    });
  },
);

test.each([
  ["postgres", "pg8000"],
  ["postgres", "pygresql"],
  ["redshift", "redshift"],
  ["mysql", "pymysql"],
  ["oracle", "cx_oracle"],
  ["mssql", "pyodbc"],
])(
  "%s takes the original's driver %s, and its own place in it (CON-all-14)",
  async (type, subtype) => {
    const item = { type, enabled: true, ...DATABASE, database: "d", subtype, "unknown-field": 1 };
    const realm = fakeRealm({ connections: { db: item }, parameters: { "/pw": "fish" } });

    // Nobody listens at port 1: the driver was asked.
    await expect(connectSql("db", { realm, env: {} })).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
    });
  },
);
