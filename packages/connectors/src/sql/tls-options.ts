import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { errorText, isTruthy, LavaError } from "@lava/core";
import { pythonText } from "../python-text.ts";
import type { SqlSpec } from "./sql-spec.ts";

/** How far a server's certificate is checked: not at all, its chain, its chain and the host's name. */
const MODES = ["none", "ca", "full"] as const;

/**
 * TLS options of a connection; undefined when the record does not say `ssl`. Without `ca_cert` and `ssl_verify` any
 * certificate is taken, as the original does (CON-postgres-02); with `ca_cert` its chain is checked, not the host's
 * name (CON-mysql-02); `ssl_verify: full` checks both.
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD
 */
export async function tlsOptions({
  conn_id,
  host,
  fields,
}: Pick<SqlSpec, "conn_id" | "host" | "fields">): Promise<ConnectionOptions | undefined> {
  if (!isTruthy(fields["ssl"])) return undefined;
  const file = isTruthy(fields["ca_cert"]) ? pythonText(fields["ca_cert"] ?? null) : undefined;
  const given = fields["ssl_verify"] ?? (file === undefined ? "none" : "ca");
  const verify = MODES.find((mode) => mode === given);
  if (verify === undefined) {
    throw new LavaError(
      "BAD_CONNECTION_RECORD",
      `Connection ${conn_id}: Bad ssl_verify: ${pythonText(given)}`,
      { retry: "never", hint: "Write one of none, ca, full." },
    );
  }
  return {
    ...(file === undefined ? {} : { ca: await readAuthority(conn_id, file) }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: verify !== "none",
    // Without it TLS compares the name of the certificate with the host.
    ...(verify === "full" ? {} : { checkServerIdentity: () => undefined }),
  };
}

async function readAuthority(conn_id: string, file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new LavaError(
      "BAD_CONNECTION_RECORD",
      `Connection ${conn_id}: Cannot read ca_cert: ${errorText(error)}`,
      { cause: error, retry: "never" },
    );
  }
}
