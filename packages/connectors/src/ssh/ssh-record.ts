import { type Data, errorText, LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { StoredConnection } from "@lava/spec";
import { pythonText } from "../python-text.ts";
import { checkKeys } from "../record-keys.ts";
import { requireEnabled } from "../require-enabled.ts";

/** What the record of an ssh, scp, sftp or git connection says (CON-ssh-01). */
export interface SshRecord {
  readonly conn_id: string;
  /** The private key: lines, each with its end. */
  readonly key: string;
  /** As ssh_config(5) has them: `StrictHostKeyChecking=no`. */
  readonly options: readonly string[];
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly user: string | undefined;
  /** Lines of a known_hosts file. */
  readonly knownHosts: string | undefined;
}

/**
 * Reads a record and its key.
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD, CONNECTION_DISABLED
 */
export async function readSshRecord(
  connection: StoredConnection,
  realm: Realm,
): Promise<SshRecord> {
  const { conn_id, raw } = connection;
  checkKeys(raw, { required: ["conn_id", "type", "ssh_key"] }, `Connection ${conn_id}: `);
  requireEnabled(connection);
  const options = raw["ssh_options"] ?? [];
  if (!Array.isArray(options) || !options.every((option) => typeof option === "string")) {
    throw new LavaError("BAD_CONNECTION_RECORD", "ssh_options must be a list of strings", {
      retry: "never",
    });
  }
  const text = (name: string): string | undefined => {
    const value: Data | undefined = raw[name];
    return value === undefined || value === null || value === "" ? undefined : pythonText(value);
  };
  const port = text("port");
  return {
    conn_id,
    key: await readKey(conn_id, text("ssh_key") ?? "", realm),
    options,
    host: text("host"),
    port: port === undefined ? undefined : Number(port),
    user: text("user"),
    knownHosts: text("known_hosts"),
  };
}

/** The key may have been joined into one line with commas in the place of line ends (CON-ssh-02). */
async function readKey(conn_id: string, name: string, realm: Realm): Promise<string> {
  try {
    const key = (await realm.secrets.parameter(name)).replaceAll(",", "\n");
    realm.redactor.add(key);
    return key.endsWith("\n") ? key : `${key}\n`;
  } catch (cause) {
    throw new LavaError(
      "BAD_CONNECTION_RECORD",
      `Connection ${conn_id}: SSM ${name} - ${errorText(cause)}`,
      { cause },
    );
  }
}
