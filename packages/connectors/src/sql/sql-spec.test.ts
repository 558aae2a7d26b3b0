import { inspect } from "node:util";
import type { DataMap } from "@lava/core";
import { parseStoredConnection } from "@lava/spec";
import { expect, test } from "vitest";
import { fakeRealm } from "../../test/fake-realm.ts";
import { resolveSqlSpec, type SqlSpecOptions } from "./sql-spec.ts";

const options: SqlSpecOptions = { dialect: "postgresql", subtypes: ["pg8000"] };
const realm = fakeRealm({
  parameters: { "/lava/test/password": "from-ssm" },
  secrets: {
    login: JSON.stringify({
      username: "secret-user",
      password: "from-secret",
      host: "secret-host",
      port: 5433,
      dbname: "secret-db",
      other: "x",
    }),
    text: "not-json-hunter2",
    list: "[1]",
  },
});

function resolve(item: DataMap, more: Partial<SqlSpecOptions> = {}) {
  const record = { conn_id: "c", type: "postgres", enabled: true, ...item };
  return resolveSqlSpec(parseStoredConnection(record), realm, { ...options, ...more });
}

test("the password of a record is the name of a parameter (CON-all-05)", async () => {
  const item = { host: "h", port: "5432", user: "u", password: "/lava/test/password" };

  expect(await resolve(item)).toMatchObject({
    host: "h",
    port: 5432,
    user: "u",
    password: "from-ssm",
    database: undefined,
  });
});

test("a secret fills in what the record lacks, its password as it is (CON-all-07)", async () => {
  expect(await resolve({ secret_id: "login", host: "h" })).toMatchObject({
    host: "h",
    port: 5433,
    user: "secret-user",
    password: "from-secret",
    database: "secret-db",
  });
});

test("without a password the type's own source is asked (CON-all-09)", async () => {
  const item = { host: "h", port: 1 };
  const credentials = async () => ({ user: "iam", password: "token" });

  expect(await resolve(item, { credentials })).toMatchObject({ user: "iam", password: "token" });
  await expect(resolve(item)).rejects.toThrow("Password must be specified");
});

test.each(["text", "list"])("the secret %s is refused without being shown", async (secret_id) => {
  const error: unknown = await resolve({ secret_id }).catch((fault: unknown) => fault);

  expect(error).toMatchObject({ code: "BAD_SECRET" });
  expect(inspect(error, { depth: null })).not.toContain("hunter2");
});

test("a user is needed as well", async () => {
  const item = { host: "h", port: 1, password: "/lava/test/password" };

  await expect(resolve(item)).rejects.toThrow("Missing keys: user");
});
