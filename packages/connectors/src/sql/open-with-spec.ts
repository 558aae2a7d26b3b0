import { LavaError } from "@lava/core";
import type { StoredConnection } from "@lava/spec";
import type { ConnectorContext } from "../connector.ts";
import { resolveSqlSpec, type SqlSpec, type SqlSpecOptions } from "./sql-spec.ts";

/**
 * Opens a database with its credentials. Those that the server refuses are got anew, and tried once more if they have
 * changed: a rotated password is picked up without a restart.
 */
export async function openWithSpec<C>(
  connection: StoredConnection,
  { realm, logger }: Pick<ConnectorContext, "realm" | "logger">,
  options: SqlSpecOptions,
  open: (spec: SqlSpec) => Promise<C>,
): Promise<C> {
  const spec = await resolveSqlSpec(connection, realm, options);
  try {
    return await open(spec);
  } catch (error) {
    if (!(error instanceof LavaError) || error.code !== "LOGIN_FAILED") throw error;
    const fresh = await resolveSqlSpec(connection, realm, options, { refresh: true });
    if (fresh.password === spec.password && fresh.user === spec.user) throw error;
    logger.info({ conn_id: spec.conn_id }, "Credentials have changed, logging in again");
    return await open(fresh);
  }
}
