import { type Clock, type Data, LavaError, type Logger, systemClock } from "@lava/core";
import {
  awsSettingsFromEnv,
  createDispatchClients,
  type DispatchClients,
  type DispatchRealm,
  openDispatchRealm,
} from "@lava/realm";
import { type RealmConfig, resolveConfigWithWarnings, workerOfQueue } from "@lava/spec";
import { createDeadLetters, type DeadLetters } from "./dead-letters.ts";
import { createJsonLogger, type LogLevel, logLevelOf } from "./json-logger.ts";

/** What Lambda tells a function about one invocation. */
export interface Invocation {
  readonly awsRequestId: string;
  readonly functionName: string;
}

/** The handler of a function; what it gives back is JSON. */
export type Handler<R> = (event: Data, invocation: Invocation) => Promise<R>;

/** What every function is made of. */
export interface BareFunctionOptions {
  /** The function's environment: `LAVA_REALM`, `LOGLEVEL`, `LAVA_<NAME>`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes one line of the log. */
  readonly write: (line: string) => void;
  readonly clock?: Clock;
}

/** What the functions dispatch and s3trigger are made of. */
export interface FunctionOptions extends BareFunctionOptions {
  readonly clients?: DispatchClients;
}

/** What every function has while it is warm. */
export interface BareFunction {
  readonly realm: string;
  readonly config: RealmConfig;
  readonly logger: Logger;
  readonly level: LogLevel;
  readonly clock: Clock;
}

/** What the functions dispatch and s3trigger share while they are warm. */
export interface WarmFunction {
  readonly name: string;
  readonly realm: DispatchRealm;
  readonly config: RealmConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly write: (line: string) => void;
  readonly deadLetters: DeadLetters;
}

/** The realm of a function (LAM-003). @throws {LavaError} NO_REALM */
export function realmOf(env: FunctionOptions["env"]): string {
  const realm = env["LAVA_REALM"];
  if (realm !== undefined && realm !== "") return realm;
  throw new LavaError("NO_REALM", "LAVA_REALM must be set in the environment of the function", {
    retry: "never",
    hint: "The realm's stack sets it; set it where the function is made by hand.",
  });
}

/**
 * Prepares a function from its environment alone; the table of realms is not read (LAM-005).
 *
 * @throws {LavaError} NO_REALM, BAD_CONFIG, BAD_LOG_LEVEL
 */
export function openBareFunction(options: BareFunctionOptions): BareFunction {
  const { env, write, clock = systemClock } = options;
  const realm = realmOf(env);
  const level = logLevelOf(env);
  const logger = createJsonLogger({ clock, write, level, fields: { realm } });
  const { config, warnings } = resolveConfigWithWarnings({ env });
  for (const warning of warnings) logger.debug({}, warning);
  return { realm, config, logger, level, clock };
}

/** Prepares a function that sends runs. @throws {LavaError} as {@link openBareFunction} */
export function openFunction(name: string, options: FunctionOptions): WarmFunction {
  const { env, write } = options;
  const { realm: realmName, config, logger, clock } = openBareFunction(options);
  const clients = options.clients ?? createDispatchClients(awsSettingsFromEnv(env));
  const realm = openDispatchRealm(realmName, { clients, config, clock, logger });
  const deadLetters = createDeadLetters({
    realm,
    from: name,
    queue: config.LAMBDA_DLQ,
    clock,
    logger,
  });
  return { name, realm, config, logger, clock, write, deadLetters };
}

/**
 * The realm's functions work for their own realm alone: what is called `lava-<realm>-...` has to agree with LAVA_REALM
 * (LAM-300, LAM-401, TRIG-15).
 *
 * @throws {LavaError} REALM_MISMATCH
 */
export function checkRealm(realm: string, names: readonly string[]): void {
  const other = names.find((name) => workerOfQueue(realm, name) === undefined);
  if (other === undefined) return;
  throw new LavaError(
    "REALM_MISMATCH",
    `Lava configuration error: realm name mismatch: ${other} is not of the realm ${realm}`,
    { retry: "never", hint: "LAVA_REALM of a function is the realm in its name, lava-<realm>-..." },
  );
}
