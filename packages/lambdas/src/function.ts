import { type Clock, type Data, LavaError, type Logger, systemClock } from "@lava/core";
import {
  awsSettingsFromEnv,
  createDispatchClients,
  type DispatchClients,
  type DispatchRealm,
  openDispatchRealm,
} from "@lava/realm";
import { type RealmConfig, resolveConfigWithWarnings } from "@lava/spec";
import { createDeadLetters, type DeadLetters } from "./dead-letters.ts";
import { createJsonLogger, logLevelOf } from "./json-logger.ts";

/** What Lambda tells a function about one invocation. */
export interface Invocation {
  readonly awsRequestId: string;
  readonly functionName: string;
}

/** The handler of a function; what it gives back is JSON. */
export type Handler<R> = (event: Data, invocation: Invocation) => Promise<R>;

/** What a function is made of. */
export interface FunctionOptions {
  /** The function's environment: `LAVA_REALM`, `LOGLEVEL`, `LAVA_<NAME>`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes one line of the log. */
  readonly write: (line: string) => void;
  readonly clients?: DispatchClients;
  readonly clock?: Clock;
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
export function openFunction(name: string, options: FunctionOptions): WarmFunction {
  const { env, write, clock = systemClock } = options;
  const realmName = realmOf(env);
  const logger = createJsonLogger({
    clock,
    write,
    level: logLevelOf(env),
    fields: { realm: realmName },
  });
  const { config, warnings } = resolveConfigWithWarnings({ env });
  for (const warning of warnings) logger.debug({}, warning);
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
