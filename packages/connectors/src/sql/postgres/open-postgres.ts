import { LavaError } from "@lava/core";
import type { SqlCopyClient } from "../client.ts";
import { loadDriver } from "../load-driver.ts";
import type { SqlSpec } from "../sql-spec.ts";
import { tlsOptions } from "../tls-options.ts";
import { createPostgresClient } from "./postgres-client.ts";
import { fromConnectError } from "./postgres-errors.ts";

/** Characters of an application name that the server keeps (CON-all-13). */
const NAME_LENGTH = 63;

/** Milliseconds for connecting. */
const CONNECT_TIMEOUT = 30_000;

/** Connects to a PostgreSQL server. @throws {LavaError} DRIVER_MISSING, CONNECTION_FAILED, LOGIN_FAILED */
export async function openPostgres(
  spec: SqlSpec,
  dialect: "postgresql" | "redshift",
  applicationName: string | undefined,
): Promise<SqlCopyClient> {
  const { host, port, user, password, database } = spec;
  if (!database) {
    const product = dialect === "redshift" ? "Redshift" : "Postgres";
    throw new LavaError("BAD_CONNECTION_RECORD", `database must be specified for ${product}`, {
      retry: "never",
    });
  }
  const { Client } = await loadDriver(
    "pg pg-copy-streams",
    async () => (await import("pg")).default,
  );
  const tls = await tlsOptions(spec);
  const client = new Client({
    host,
    port,
    user,
    password,
    database,
    ssl: tls ?? false,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    keepAlive: true,
    ...(applicationName === undefined
      ? {}
      : { application_name: applicationName.slice(0, NAME_LENGTH) }),
  });
  try {
    await client.connect();
  } catch (error) {
    client.on("error", () => undefined);
    void client.end().catch(() => undefined);
    throw fromConnectError(error, spec);
  }
  return createPostgresClient({ client, target: spec, tls, dialect });
}
