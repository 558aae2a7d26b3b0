import { type Data, isMap, LavaError, parseJson } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { StoredConnection } from "@lava/spec";
import { pythonText } from "../python-text.ts";
import { checkKeys } from "../record-keys.ts";

/** What an smb connection says (CON-smb-01), its secrets read. Never log it. */
export interface SmbRecord {
  readonly conn_id: string;
  readonly host: string;
  readonly port: number;
  /** NetBIOS name of the server. */
  readonly remoteName: string;
  /** NetBIOS name of this side, at most 15 characters. */
  readonly myName: string;
  readonly user: string;
  readonly password: string;
  readonly domain: string;
  readonly encrypt: boolean;
  readonly ntlmV2: boolean;
}

const SECRET_FIELDS = { username: "user", password: "password", host: "host", port: "port" };
const OPTIONAL = [
  ...["enabled", "description", "owner", "subtype", "domain", "my_name", "port", "use_ntlm_v2"],
  ...["is_direct_tcp", "encrypt", "secret_id"],
];

/**
 * Reads a record, its password from SSM and what is missing from its secret (CON-smb-02).
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD, CONNECTION_DISABLED, UNSUPPORTED_CONNECTION
 */
export async function readSmbRecord(
  connection: StoredConnection,
  realm: Realm,
): Promise<SmbRecord> {
  const fields: Record<string, Data> = { ...connection.raw };
  const text = (name: string): string => {
    const value = fields[name];
    return value === undefined || value === null ? "" : pythonText(value);
  };
  if (!connection.enabled) {
    throw new LavaError("CONNECTION_DISABLED", "Connection not enabled", { retry: "never" });
  }
  if (fields["password"] !== undefined) {
    fields["password"] = await realm.secrets.parameter(text("password"));
  }
  if (fields["secret_id"] !== undefined) {
    const secret = readSecret(await realm.secrets.secret(text("secret_id")));
    for (const [theirs, ours] of Object.entries(SECRET_FIELDS)) {
      const value = secret[theirs];
      const isValue = typeof value === "string" || typeof value === "number";
      if (fields[ours] === undefined && isValue) fields[ours] = value;
    }
  }
  const required = ["conn_id", "type", "host", "remote_name", "user", "password"];
  checkKeys(fields, { required, optional: OPTIONAL });
  const subtype = text("subtype") || "pysmb";
  if (subtype !== "pysmb" && subtype !== "smbprotocol") {
    throw new LavaError(
      "UNSUPPORTED_CONNECTION",
      `Unsupported connection type - smb = ('smb', '${subtype}')`,
      { retry: "never" },
    );
  }
  realm.redactor.add(text("password"));
  const flag = (name: string, otherwise: boolean): boolean => {
    const value = text(name).toLowerCase();
    return value === "" ? otherwise : !["false", "no", "0", "f", "n"].includes(value);
  };
  return {
    conn_id: connection.conn_id,
    host: text("host"),
    port: Number(text("port") || (flag("is_direct_tcp", false) ? 445 : 139)),
    remoteName: text("remote_name"),
    myName: (text("my_name") || `lava-${realm.name}`).slice(0, 15),
    user: text("user"),
    password: text("password"),
    domain: text("domain"),
    encrypt: flag("encrypt", false),
    ntlmV2: flag("use_ntlm_v2", true),
  };
}

function readSecret(secret: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseJson(secret);
  } catch {
    // Not even as a cause: the parser's message quotes the secret.
  }
  if (isMap(value)) return value;
  throw new LavaError("BAD_SECRET", "The secret is not a JSON object", { retry: "never" });
}
