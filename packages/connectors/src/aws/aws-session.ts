import { type Data, errorText, LavaError, parseDuration } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { StoredConnection } from "@lava/spec";
import type { ConnectorContext } from "../connector.ts";
import { pythonText } from "../python-text.ts";
import { checkKeys } from "../record-keys.ts";
import { requireEnabled } from "../require-enabled.ts";

/** Keys of an AWS account or of a role's session. Never log them. */
export interface AwsSessionKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** When they end; absent for keys that do not. */
  readonly expiration?: Date;
}

/** Milliseconds before their end when keys are no longer given out. */
const EARLY_MS = 5 * 60_000;

const OPTIONAL = [
  ...["enabled", "description", "owner", "secret_id", "access_keys", "role_arn", "external_id"],
  ...["duration", "policy_arns", "policy", "region", "tags"],
];

interface Cached {
  readonly record: string;
  readonly until: number;
  readonly keys: Promise<AwsSessionKeys>;
}

/** Keys by connection, for each realm that this process has open (CON-aws-03). */
const caches = new WeakMap<Realm, Map<string, Cached>>();

/**
 * Keys of a connection: those in SSM, or of a session of its role (CON-aws-01). They are kept
 * AWS_ACCESS_KEY_CACHE_TTL, not beyond a change of the record, and not to their very end.
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD, CONNECTION_DISABLED, ASSUME_ROLE_FAILED
 */
export async function awsSessionKeys(
  connection: StoredConnection,
  context: ConnectorContext,
): Promise<AwsSessionKeys> {
  const { realm } = context;
  const { conn_id, raw } = connection;
  checkKeys(raw, { required: ["conn_id", "type"], optional: OPTIONAL }, `Connection ${conn_id}: `);
  requireEnabled(connection);
  const cache = caches.get(realm) ?? new Map<string, Cached>();
  caches.set(realm, cache);
  const record = JSON.stringify(raw);
  const now = realm.clock.now();
  const known = cache.get(conn_id);
  if (known !== undefined && known.record === record && known.until > now) {
    const keys = await known.keys;
    if ((keys.expiration?.getTime() ?? Infinity) - EARLY_MS > now) return keys;
  }
  const keys = readKeys(connection, context);
  cache.delete(conn_id);
  const { AWS_ACCESS_KEY_CACHE_TTL: ttl, AWS_ACCESS_KEY_CACHE_SIZE: size } = realm.config;
  cache.set(conn_id, { record, keys, until: now + parseDuration(ttl) * 1000 });
  for (const oldest of cache.keys()) {
    if (cache.size <= size) break;
    cache.delete(oldest);
  }
  try {
    return await keys;
  } catch (error) {
    cache.delete(conn_id);
    throw error;
  }
}

/** The region of a connection, the realm's when it names none. */
export function awsRegion(
  { raw }: StoredConnection,
  { realm }: ConnectorContext,
): string | undefined {
  return raw["region"] ? pythonText(raw["region"]) : realm.clients.settings.region;
}

async function readKeys(
  { conn_id, raw }: StoredConnection,
  context: ConnectorContext,
): Promise<AwsSessionKeys> {
  const { realm } = context;
  if (raw["access_keys"] !== undefined) return staticKeys(pythonText(raw["access_keys"]), realm);
  if (raw["role_arn"] === undefined) {
    throw bad(`Connection ${conn_id}: One of access_keys or role_arn is required`);
  }
  return await assumeRole(conn_id, raw, context);
}

async function staticKeys(name: string, realm: Realm): Promise<AwsSessionKeys> {
  const value = await parameter(name, realm);
  const comma = value.indexOf(",");
  if (comma < 0) {
    throw bad(`SSM ${name}: Must be in format "access_key_id,access_secret_key"`);
  }
  const secretAccessKey = value.slice(comma + 1).trim();
  realm.redactor.add(secretAccessKey);
  return { accessKeyId: value.slice(0, comma).trim(), secretAccessKey };
}

async function assumeRole(
  conn_id: string,
  raw: StoredConnection["raw"],
  { realm, applicationName }: ConnectorContext,
): Promise<AwsSessionKeys> {
  const { AssumeRoleCommand } = await import("@aws-sdk/client-sts");
  const externalId = raw["external_id"];
  const arns = list(raw["policy_arns"]);
  const tags = Object.entries(mapOf(raw["tags"]));
  const command = new AssumeRoleCommand({
    RoleArn: pythonText(raw["role_arn"] ?? ""),
    RoleSessionName: sessionName(applicationName),
    DurationSeconds: Math.trunc(
      parseDuration(durationOf(raw["duration"]) ?? realm.config.AWS_CONN_DURATION),
    ),
    ...(externalId ? { ExternalId: await parameter(pythonText(externalId), realm) } : {}),
    ...(arns.length === 0 ? {} : { PolicyArns: arns.map((arn) => ({ arn })) }),
    ...(raw["policy"] ? { Policy: JSON.stringify(raw["policy"]) } : {}),
    ...(tags.length === 0
      ? {}
      : { Tags: tags.map(([Key, value]) => ({ Key, Value: pythonText(value) })) }),
  });
  try {
    const sts = await realm.clients.sts();
    const { Credentials: given } = await sts.send(command);
    const secretAccessKey = given?.SecretAccessKey ?? "";
    const sessionToken = given?.SessionToken ?? "";
    realm.redactor.add(secretAccessKey);
    realm.redactor.add(sessionToken);
    return {
      accessKeyId: given?.AccessKeyId ?? "",
      secretAccessKey,
      sessionToken,
      ...(given?.Expiration === undefined ? {} : { expiration: given.Expiration }),
    };
  } catch (cause) {
    throw new LavaError(
      "ASSUME_ROLE_FAILED",
      `Connection ${conn_id}: The role cannot be assumed: ${errorText(cause)}`,
      { cause, hint: "Check role_arn, and whether the role trusts the one who asks." },
    );
  }
}

/** The application name in the characters that STS takes (CON-aws-02). */
function sessionName(name: string | undefined): string {
  return (name ?? "lava").replace(/[^\w=,.@-]/g, ".").slice(0, 64);
}

async function parameter(name: string, realm: Realm): Promise<string> {
  try {
    return await realm.secrets.parameter(name);
  } catch (cause) {
    throw new LavaError("BAD_CONNECTION_RECORD", `SSM ${name}: ${errorText(cause)}`, { cause });
  }
}

function durationOf(value: Data | undefined): string | undefined {
  return value === undefined || value === null ? undefined : pythonText(value);
}

function list(value: Data | undefined): string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map((item: Data) => pythonText(item)) : [pythonText(value)];
}

function mapOf(value: Data | undefined): Readonly<Record<string, Data>> {
  if (value === undefined || value === null) return {};
  if (typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array)) {
    return Object.fromEntries(Object.entries(value));
  }
  throw bad("tags must be a map");
}

function bad(message: string): LavaError {
  return new LavaError("BAD_CONNECTION_RECORD", message, { retry: "never" });
}
