import { type Data, type DataMap, isMap, LavaError, parseJson } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { StoredConnection } from "@lava/spec";
import { readSecretFile } from "../credentials/secret-file.ts";
import { pythonText } from "../python-text.ts";
import { checkKeys } from "../record-keys.ts";

/** A SQL connection with its credentials filled in (CON-all-05..09). Never log it. */
export interface SqlSpec {
  readonly conn_id: string;
  /** Lower case. */
  readonly type: string;
  readonly dialect: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string | undefined;
  /** The record with the fields of the secret laid under it. */
  readonly fields: DataMap;
}

/** What differs between types. */
export interface SqlSpecOptions {
  readonly dialect: string;
  /** Names accepted as `subtype` (CON-all-14); the first is the default. */
  readonly subtypes: readonly [string, ...string[]];
  /** Gets what the record lacks when it has no password (an IAM token). */
  readonly credentials?: (
    fields: DataMap,
    options: CredentialsOptions,
  ) => Promise<{ readonly user: string; readonly password: string }>;
}

/** How credentials are got. */
export interface CredentialsOptions {
  /** Gets new ones instead of those that are remembered: the server has refused them. */
  readonly refresh: boolean;
}

const PASSWORD_FILE = "x-lava-password-file";
const SECRET_FILE = "x-lava-secret-file";

/** Fields of a Secrets Manager secret and what they are called here (CON-all-07). */
const SECRET_FIELDS: Readonly<Record<string, string>> = {
  username: "user",
  password: "password",
  host: "host",
  port: "port",
  dbname: "database",
  dbClusterIdentifier: "description",
  serviceName: "service_name",
  sid: "sid",
};

/**
 * Fills in a SQL connection: password from SSM, then what is missing from Secrets Manager, then from the type's own
 * source of credentials.
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD, CONNECTION_DISABLED, PASSWORD_MISSING
 */
export async function resolveSqlSpec(
  connection: StoredConnection,
  realm: Realm,
  options: SqlSpecOptions,
  { refresh }: CredentialsOptions = { refresh: false },
): Promise<SqlSpec> {
  // A record without `enabled` is one that is not (CON-all-01).
  const fields: Record<string, Data> = { enabled: false, ...connection.raw };
  if (fields["password"] !== undefined) {
    fields["password"] = await realm.secrets.parameter(text(fields["password"]), { refresh });
  }
  const { [PASSWORD_FILE]: passwordFile, [SECRET_FILE]: secretFile } = fields;
  if (fields["password"] === undefined && passwordFile !== undefined) {
    fields["password"] = await readSecretFile(text(passwordFile), realm.redactor);
  }
  if (fields["secret_id"] !== undefined) {
    addSecret(fields, await realm.secrets.secret(text(fields["secret_id"]), { refresh }), realm);
  }
  if (secretFile !== undefined) {
    addSecret(fields, await readSecretFile(text(secretFile), realm.redactor), realm);
  }
  checkKeys(fields, { required: ["conn_id", "type", "enabled", "host", "port"] });
  if (!connection.enabled) {
    throw new LavaError("CONNECTION_DISABLED", "Connection not enabled", { retry: "never" });
  }
  const type = connection.type.toLowerCase();
  const subtype = fields["subtype"] === undefined ? options.subtypes[0] : text(fields["subtype"]);
  if (!options.subtypes.includes(subtype)) {
    throw new LavaError(
      "UNSUPPORTED_CONNECTION",
      `Unsupported connection type - ${type} = ('${options.dialect}', '${subtype}')`,
      { retry: "never" },
    );
  }
  if (fields["password"] === undefined) {
    if (!options.credentials) {
      throw new LavaError("PASSWORD_MISSING", "Password must be specified", { retry: "never" });
    }
    Object.assign(fields, await options.credentials(fields, { refresh }));
  }
  checkKeys(fields, { required: ["user", "password"] });
  return {
    conn_id: connection.conn_id,
    type,
    dialect: options.dialect,
    host: text(fields["host"]),
    port: toPort(fields["port"]),
    user: text(fields["user"]),
    password: text(fields["password"]),
    database: fields["database"] === undefined ? undefined : text(fields["database"]),
    fields,
  };
}

function text(value: Data | undefined): string {
  return value === undefined || value === null ? "" : pythonText(value);
}

function toPort(value: Data | undefined): number {
  const port = text(value).trim();
  if (!/^[+-]?\d+$/.test(port)) {
    throw new LavaError(
      "BAD_CONNECTION_RECORD",
      `invalid literal for int() with base 10: '${port}'`,
      { retry: "never", hint: "`port` must be a whole number." },
    );
  }
  return Number(port);
}

/** Lays the fields of a secret under those of the record; its password is masked from then on. */
function addSecret(fields: Record<string, Data>, secret: string, { redactor }: Realm): void {
  const values = parseSecret(secret);
  for (const [theirs, ours] of Object.entries(SECRET_FIELDS)) {
    const value = values[theirs];
    if (fields[ours] === undefined && value !== undefined) fields[ours] = value;
  }
  if (typeof values["password"] === "string") redactor.add(values["password"]);
}

function parseSecret(secret: string): Readonly<Record<string, Data>> {
  let value: Data;
  try {
    value = parseJson(secret);
  } catch {
    // Not even as a cause: the parser's message quotes the secret.
    throw new LavaError("BAD_SECRET", "The secret is not JSON", { retry: "never" });
  }
  if (!isDataMap(value)) {
    throw new LavaError("BAD_SECRET", "The secret is not a JSON object", { retry: "never" });
  }
  return value;
}

function isDataMap(value: Data): value is DataMap {
  return isMap(value);
}
