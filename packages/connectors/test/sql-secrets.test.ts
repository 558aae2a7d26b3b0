import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { createRedactor, type DataMap, type Logger } from "@lava/core";
import { startPostgres, type TestSqlServer } from "@lava/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectCli } from "../src/connect-cli.ts";
import { checkConnection, connectSql } from "../src/connect.ts";
import { fakeRealm } from "./fake-realm.ts";

/** A password of each source; none is right, so that faults are told as well. */
const SECRETS = {
  ssm: "planted-Ssm/1+x",
  manager: "planted-Manager/2+x",
  file: "planted-File/3+x",
} as const;
const forms = Object.values(SECRETS).flatMap((secret) => [
  secret,
  Buffer.from(secret).toString("base64"),
  encodeURIComponent(secret),
]);

let server: TestSqlServer;
let folder: string;
beforeAll(async () => {
  server = await startPostgres({ ...process.env });
  folder = await mkdtemp(join(tmpdir(), "lava-secrets-"));
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function connections(): Record<string, DataMap> {
  const { host, port, user, database } = server;
  const common = { type: "postgres", enabled: true, host, port, user, database };
  return {
    ssm: { ...common, password: "/pw" },
    manager: { ...common, secret_id: "login" },
    file: { ...common, "x-lava-password-file": join(folder, "password") },
  };
}

/** Arguments of all processes. */
async function allArguments(): Promise<string> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const texts = ids.map((id) => readFile(`/proc/${id}/cmdline`, "latin1").catch(() => ""));
  return (await Promise.all(texts)).join("\n");
}

test("no secret of any source is in arguments, logs, errors, checks or scripts", async () => {
  await writeFile(join(folder, "password"), `${SECRETS.file}\n`, { mode: 0o600 });
  const logged: unknown[] = [];
  const log = (...words: unknown[]): void => {
    logged.push(words);
  };
  const logger: Logger = { debug: log, info: log, warn: log, error: log, child: () => logger };
  const redactor = createRedactor();
  const realm = {
    ...fakeRealm({
      connections: connections(),
      parameters: { "/pw": SECRETS.ssm },
      secrets: { login: JSON.stringify({ password: SECRETS.manager }) },
    }),
    logger,
    redactor,
  };
  const shown: string[] = [];
  for (const conn_id of Object.keys(connections())) {
    for (const attempt of [connectSql, checkConnection]) {
      const error: unknown = await attempt(conn_id, { realm, env: process.env }).catch(
        (fault: unknown) => fault,
      );
      expect(error).toMatchObject({ code: "LOGIN_FAILED" });
      shown.push(inspect(error, { depth: 10 }), JSON.stringify(error));
    }
    const command = await connectCli(conn_id, { realm, workdir: folder, env: process.env });
    shown.push(command, await readFile(command, "utf8"));
  }

  const everything = [...shown, inspect(logged, { depth: 10 }), await allArguments()].join("\n");

  for (const form of forms) expect(everything).not.toContain(form);
  // What is logged elsewhere by mistake is masked.
  expect(redactor.mask(`it is ${SECRETS.file} or ${SECRETS.manager}`)).toBe("it is **** or ****");
});
