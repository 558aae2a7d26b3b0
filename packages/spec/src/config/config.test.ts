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

test("the environment wins over the realm, the realm over the default (CFG-100, CFG-102, T-80)", () => {
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

test("values of a record may have DynamoDB's types (CFG-105, WK-177, TRAP-CFG-04)", () => {
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

test("keys that are needed before the realm is known come from the environment only (CFG-022)", () => {
  const config = resolveConfig({
    env: { LAVA_S3TRIGGER_CACHE_TTL: "5s" },
    realmConfig: { LOGLEVEL: "debug" },
  });

  expect(config.LOGLEVEL).toBe("info");
  expect(config.S3TRIGGER_CACHE_TTL).toBe("5s");
});

test("all bad values are reported at once, each with its source (CFG-103, CFG-104, CFG-106, WK-018)", () => {
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

test("the keys of the original have its defaults (CFG-001 to CFG-069, T-82)", () => {
  expect(resolveConfig({ env: {}, processors: 2 })).toMatchObject({
    TMPDIR: "/tmp/lava",
    HEARTBEAT_FILE: ".heartbeat",
    DISPATCHER: "/usr/local/bin/lava-dispatcher",
    NO_DISPATCH: "/tmp/lava/__nodispatch__",
    SQS_MAX_DELAY_MINS: 15,
    EVENT_TTL: "2d",
    STDERR_SIZE: 2000,
    DEBUG: false,
    CW_NAMESPACE: "Lava",
    CW_METRICS_JOB: false,
    CW_METRICS_WORKER: false,
    CW_METRICS_PERIOD: "1m",
    JOB_LOCAL_TMPDIR: true,
    ITERATION_MAX_DELAY: "5m",
    ITERATION_MAX_LIMIT: 10,
    PARAM_CACHE_SIZE: 100,
    PARAM_CACHE_TTL: "2m",
    PAYLOAD_DOWNLOADER: "v2",
    PAYLOAD_SETTLING_TIME: 1,
    CHECK_FOR_ZOMBIES: true,
    JUMPSTART_DELAY: "15s",
    LOGLEVEL: "info",
    DAG_MAX_WORKERS: 8,
    DAG_WORKERS: 2,
    SQL_BATCH_SIZE: 1024,
    SQL_DELIMITER: "|",
    SQL_DIALECT: "excel",
    SQL_DOUBLEQUOTE: false,
    SQL_ESCAPECHAR: undefined,
    SQL_MAX_PAYLOAD_SIZE: "100K",
    SQL_OUTPUT_SUFFIX: ".out",
    SQL_QUOTECHAR: '"',
    SQL_QUOTING: "minimal",
    SQLC_MAX_PAYLOAD_SIZE: "100K",
    SQLC_TIMEOUT: "10m",
    SQLV_TIMEOUT: "10m",
    SMB_TIMEOUT: "10m",
    EXE_MAX_PAYLOAD_SIZE: "10M",
    EXE_TIMEOUT: "10m",
    CMD_TIMEOUT: "10m",
    PKG_MAX_PAYLOAD_SIZE: "20M",
    PKG_TIMEOUT: "10m",
    PKG_UNPACK_TIMEOUT: "30s",
    DOCKER_TIMEOUT: "10m",
    SES_CONFIGURATION_SET: undefined,
    SES_REGION: "us-east-1",
    SES_FROM: undefined,
    EMAIL_MAX_ATTACHMENTS: 5,
    EMAIL_MAX_ATTACHMENT_SIZE: "2M",
    EMAIL_MAX_SIZE: "5M",
    PG_COPY_TIMEOUT: "30m",
    SP_LIST_DELIMITER: "|",
    SP_LIST_DOUBLEQUOTE: false,
    SP_LIST_ESCAPECHAR: undefined,
    SP_LIST_QUOTECHAR: '"',
    SP_LIST_QUOTING: "minimal",
    SP_LOGGING: false,
    FOREACH_LIMIT: 10,
    FOREACH_MAX_LIMIT: 25,
    S3TRIGGER_CACHE_TTL: "60s",
    S3TRIGGER_DEDUP_TTL: "30s",
    S3TRIGGER_DEDUP_CACHE_SIZE: 0,
    RS_PASSWORD_DURATION: "15m",
    STATE_MAX_TTL: "366d",
    STATE_TTL: "7d",
    AWS_CONN_DURATION: "3h",
    AWS_ACCESS_KEY_CACHE_TTL: "10m",
    AWS_ACCESS_KEY_CACHE_SIZE: 20,
    CONN_APP_NAME: "lv-{{ realm }}-{{ job_id }}",
  });
});

test("the keys that are new have their defaults (CFG-151, CFG-157, CFG-158, CFG-161)", () => {
  expect(resolveConfig({ env: {} })).toMatchObject({
    STOP_WAIT: "2m",
    DEFER_EXIT_STATUS: 75,
    DEFER_MAX_DELAY: "7d",
    DEFER_MAX_LIMIT: 100,
    JOB_ENV_MODE: "inherit",
  });
});
