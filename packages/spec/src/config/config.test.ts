import { readFileSync } from "node:fs";
import { DecimalValue, LavaError } from "@lava/core";
import { expect, expectTypeOf, test } from "vitest";
import { configKeys, type RealmConfig } from "./index.ts";
import { resolveConfig, resolveConfigWithWarnings } from "./resolve-config.ts";

function faults(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof LavaError) return error.issues.map(({ message }) => message);
    throw error;
  }
  return [];
}

test("the environment wins over the realm, the realm over the default (CFG-100)", () => {
  const env = { LAVA_EVENT_TTL: "1d" };
  const realmConfig = { event_ttl: "5d", Cmd_Timeout: "20m" };

  const config = resolveConfig({ env, realmConfig });

  expect(config.EVENT_TTL).toBe("1d");
  expect(config.CMD_TIMEOUT).toBe("20m");
  expect(config.EXE_TIMEOUT).toBe("10m");
  expect(Object.isFrozen(config)).toBe(true);
});

test("every key has a value of its kind", () => {
  const config = resolveConfig({ env: {}, processors: 3 });

  expect(config).toMatchObject({
    TMPDIR: "/tmp/lava",
    STDERR_SIZE: 2000,
    DEBUG: false,
    DAG_WORKERS: 3,
    DAG_MAX_WORKERS: 12,
    SQL_DELIMITER: "|",
    SQL_QUOTECHAR: '"',
    SQL_ESCAPECHAR: undefined,
    CONN_APP_NAME: "lv-{{ realm }}-{{ job_id }}",
    FLEET: "mixed",
  });
  expect(Object.keys(config)).toEqual(Object.keys(configKeys));
  expectTypeOf<RealmConfig["DEBUG"]>().toEqualTypeOf<boolean>();
  expectTypeOf<RealmConfig["DAG_WORKERS"]>().toEqualTypeOf<number>();
  expectTypeOf<RealmConfig["CMD_TIMEOUT"]>().toEqualTypeOf<string>();
  expectTypeOf<RealmConfig["EVENT_TTL"]>().toEqualTypeOf<string | undefined>();
});

test("each default is itself a good value", () => {
  for (const [name, key] of Object.entries(configKeys)) {
    if (typeof key.default === "function" || key.default === null) continue;
    const resolved = resolveConfig({ env: { [`LAVA_${name}`]: String(key.default) } });
    expect(new Map(Object.entries(resolved)).get(name)).toBe(key.default);
  }
});

test("empty text means none where there can be none (CFG-107)", () => {
  const env = { LAVA_EVENT_TTL: "", LAVA_HEARTBEAT_FILE: "", LAVA_SES_FROM: "" };

  const config = resolveConfig({ env });

  expect([config.EVENT_TTL, config.HEARTBEAT_FILE, config.SES_FROM]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("values of a record may have DynamoDB's types (CFG-105, TRAP-CFG-04)", () => {
  const realmConfig = {
    DEBUG: new DecimalValue("1"),
    EVENT_TTL: new DecimalValue("3600"),
    STDERR_SIZE: new DecimalValue("-500"),
    CW_METRICS_JOB: true,
  };

  expect(resolveConfig({ env: {}, realmConfig })).toMatchObject({
    DEBUG: true,
    EVENT_TTL: "3600",
    STDERR_SIZE: -500,
    CW_METRICS_JOB: true,
  });
});

test("keys that are needed before the realm is known come from the environment only", () => {
  const config = resolveConfig({
    env: { LAVA_S3TRIGGER_CACHE_TTL: "5s" },
    realmConfig: { LOGLEVEL: "debug" },
  });

  expect(config.LOGLEVEL).toBe("info");
  expect(config.S3TRIGGER_CACHE_TTL).toBe("5s");
});

test("all bad values are reported at once, each with its source (CFG-106, WK-018)", () => {
  const env = { LAVA_CMD_TIMEOUT: "10M", LAVA_DEBUG: "on", LAVA_DAG_WORKERS: "0" };
  const realmConfig = { exe_max_payload_size: "100k", job_env_mode: "jail", event_ttl: [] };

  expect(faults(() => resolveConfig({ env, realmConfig })).sort()).toEqual([
    "Cannot convert config item CMD_TIMEOUT (from LAVA_CMD_TIMEOUT): Invalid duration: 10M",
    "Cannot convert config item DAG_WORKERS (from LAVA_DAG_WORKERS): expected 1 or more, got 0",
    "Cannot convert config item DEBUG (from LAVA_DEBUG): Cannot convert string to bool: on",
    "Cannot convert config item EVENT_TTL (from the realm's config): expected text, a number, true or false",
    "Cannot convert config item EXE_MAX_PAYLOAD_SIZE (from the realm's config): Invalid size: 100k",
    "Cannot convert config item JOB_ENV_MODE (from the realm's config): expected one of inherit, isolated, got jail",
  ]);
});

test("unknown keys are warned about, names of the job environment are not (CFG-106, CFG-131)", () => {
  const env = {
    LAVA_EVENT_TLL: "1d",
    LAVA_REALM: "dev",
    LAVA_JOB_ID: "j",
    LAVA_CONN_DB: "/x",
    LAVA_CONN_APP_NAME: "x",
  };

  const { warnings } = resolveConfigWithWarnings({ env, realmConfig: { Cmd_Tmeout: "1m" } });

  expect(warnings).toEqual([
    'Unknown key LAVA_EVENT_TLL in the environment (did you mean "EVENT_TTL"?)',
    'Unknown key CMD_TMEOUT in the realm\'s config (did you mean "CMD_TIMEOUT"?)',
  ]);
});

test("every key is described, and the README's table of packages names no other", () => {
  for (const key of Object.values(configKeys)) expect(key.description).toMatch(/\.$/);
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  expect(readme).toContain("resolveConfig");
});

test("a key that nothing reads is a warning with the reason", () => {
  const { warnings } = resolveConfigWithWarnings({
    env: { LAVA_CONSOLE_PORT: "81" },
    realmConfig: { sp_logging: true },
  });

  expect(warnings).toEqual([
    "SP_LOGGING in the realm's config has no effect: SharePoint connections log what the worker logs",
    "LAVA_CONSOLE_PORT has no effect: the console reads it, and this version has none",
  ]);
});
