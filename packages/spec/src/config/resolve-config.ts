import { type Issue, LavaError, suggest } from "@lava/core";
import type { ConfigKey } from "./config-key.ts";
import { type ConfigName, configKeys, isConfigName, type RealmConfig } from "./index.ts";
import { readConfigValue } from "./read-config-value.ts";
import { unreadKeys } from "./unread-keys.ts";

/** Where {@link resolveConfig} looks. */
export interface ConfigSources {
  /** Environment of the process: `LAVA_<NAME>`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The map `config` of the realm's record; names in any case. */
  readonly realmConfig?: unknown;
  /** For defaults that depend on it; that of this machine if absent. */
  readonly processors?: number;
}

/** A resolved configuration, and what is odd in its sources. */
export interface ResolvedConfig {
  readonly config: RealmConfig;
  /** One line for each key that lava does not know, or that has no effect. */
  readonly warnings: readonly string[];
}

/**
 * The configuration: environment, then realm record, then default (CFG-100). Frozen.
 *
 * @throws {LavaError} BAD_CONFIG with all faults at once (WK-018, CFG-106)
 */
export function resolveConfig(sources: ConfigSources): RealmConfig {
  return resolveConfigWithWarnings(sources).config;
}

/** As {@link resolveConfig}, with warnings about keys that lava does not know (CFG-106). */
export function resolveConfigWithWarnings(sources: ConfigSources): ResolvedConfig {
  const processors = sources.processors ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  const realm = upperCased(sources.realmConfig);
  const values: Record<string, string | number | boolean | undefined> = {};
  const issues: Issue[] = [];
  const idle: string[] = [];
  for (const name of configNames) {
    const key: ConfigKey = configKeys[name];
    const variable = `LAVA_${name}`;
    const fromEnv = sources.env[variable];
    const fromRealm = key.environmentOnly === true ? undefined : realm.get(name);
    const written = fromEnv ?? fromRealm;
    if (written === undefined) {
      values[name] = defaultOf(key, processors);
      continue;
    }
    const result = readConfigValue(key, written);
    const reason = unreadKeys[name];
    if (reason !== undefined) {
      const shown = fromEnv === undefined ? `${name} in the realm's config` : variable;
      idle.push(`${shown} has no effect: ${reason}`);
    }
    if ("value" in result) {
      values[name] = result.value;
      continue;
    }
    const source = fromEnv === undefined ? "the realm's config" : variable;
    issues.push({
      path: fromEnv === undefined ? ["config", name] : [variable],
      code: "invalid_value",
      message: `Cannot convert config item ${name} (from ${source}): ${result.fault}`,
    });
  }
  if (!isComplete(values, issues)) {
    throw new LavaError("BAD_CONFIG", issues.map((issue) => issue.message).join("; "), {
      issues,
      retry: "never",
    });
  }
  return { config: Object.freeze(values), warnings: [...oddKeys(sources.env, realm), ...idle] };
}

/** All names, in the order of the tables. */
const configNames: readonly ConfigName[] = Object.keys(configKeys).filter((name) =>
  isConfigName(name),
);

function isComplete(
  _values: Record<string, unknown>,
  issues: readonly Issue[],
): _values is Record<string, unknown> & RealmConfig {
  return issues.length === 0;
}

/** The default of a key; durations and sizes as text. */
function defaultOf(key: ConfigKey, processors: number): string | number | boolean | undefined {
  if (typeof key.default === "function") return key.default(processors);
  return key.default ?? undefined;
}

function upperCased(config: unknown): Map<string, unknown> {
  const entries = typeof config === "object" && config !== null ? Object.entries(config) : [];
  return new Map(entries.map(([name, value]) => [name.toUpperCase(), value]));
}

/** Job environment names and the like that share the prefix but configure nothing (CFG-120, CFG-131). */
const OTHER_VARIABLES =
  /^LAVA_(?:REALM|WORKER|OWNER|JOB_ID|RUN_ID|EPOCH|IDEMPOTENCY_KEY|PROCESS|S3_KEY|S3_TMP|S3_PAYLOAD|TMP|CONNID_.+|CONN_(?!APP_NAME$).+|DEV_.+|CODE)$/;

function oddKeys(
  env: Readonly<Record<string, string | undefined>>,
  realm: ReadonlyMap<string, unknown>,
): string[] {
  const variables = Object.keys(env)
    .filter((name) => name.startsWith("LAVA_") && !OTHER_VARIABLES.test(name))
    .map((name) => ({ where: "environment", shown: name, name: name.slice("LAVA_".length) }));
  const keys = [...realm.keys()].map((name) => ({ where: "realm's config", shown: name, name }));
  return [...variables, ...keys]
    .filter(({ name }) => !isConfigName(name))
    .map(({ where, shown, name }) => {
      const near = suggest(name, configNames);
      return `Unknown key ${shown} in the ${where}${near === undefined ? "" : ` (did you mean "${near}"?)`}`;
    });
}
