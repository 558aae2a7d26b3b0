import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { fakeRealm } from "../../../test/fake-realm.ts";
import { connectCli } from "../../connect-cli.ts";
import { connectSql } from "../../connect.ts";
import { oracleDsn } from "./oracle.ts";

const run = promisify(execFile);
const host = "127.0.0.1";

test.each([
  [{ service_name: "s" }, "(SERVICE_NAME=s)"],
  [{ sid: "x" }, "(SID=x)"],
  [{ database: "old" }, "(SID=old)"],
])("says where the database is (CON-oracle-02): %o", (fields, data) => {
  expect(oracleDsn({ host: "h", port: 1521, fields })).toBe(
    `(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=h)(PORT=1521))(CONNECT_DATA=${data}))`,
  );
});

test.each(["oracle", "mssql"])("%s says that a host is down", async (type) => {
  const item = { type, enabled: true, host, port: 1, user: "u", password: "/pw", database: "d" };
  const realm = fakeRealm({ connections: { db: item }, parameters: { "/pw": "swordfish" } });

  const error: unknown = await connectSql("db", { realm }).catch((fault: unknown) => fault);

  expect(error).toMatchObject({ code: "CONNECTION_FAILED" });
  expect(JSON.stringify(error)).not.toContain("swordfish");
});

test("sqlplus logs in by a script, not by an argument (CON-oracle-03)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lava-sqlplus-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const client = 'printf "<%s>" "$@"; last="${!#}"; cat "${last#@}"; exit 4';
  await writeFile(join(folder, "sqlplus"), `#!/bin/bash\n${client}\n`);
  await chmod(join(folder, "sqlplus"), 0o755);
  const item = { type: "oracle", enabled: true, host: "h", port: 1, user: "u", sid: "x" };
  const realm = fakeRealm({
    connections: { db: { ...item, password: "/pw", edition: "12.1" } },
    parameters: { "/pw": "sword&fish" },
  });
  const command = await connectCli("db", { realm, workdir: folder });

  const error: unknown = await run(command, ["@my.sql", "a b"], {
    env: { PATH: `${folder}:/usr/bin:/bin` },
  }).catch((fault: unknown) => fault);

  expect(error).toMatchObject({
    code: 4,
    stdout: expect.stringMatching(
      /^<-NOLOGINTIME><-L><-S><-C><12\.1><\/nolog><@\S+\.sql>[^]*connect "u"\/"sword&fish"@"\(DESC[^]*@my\.sql "a b"\n$/,
    ),
  });
});
