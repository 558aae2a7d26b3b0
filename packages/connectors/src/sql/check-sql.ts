import type { ConnectionCheck } from "../connector.ts";
import type { SqlClient } from "./client.ts";

/** Connects and asks the server who it is, and whether the connection has TLS. */
export async function checkSql(open: () => Promise<SqlClient>): Promise<ConnectionCheck> {
  await using client = await open();
  const { version, tls } = await client.server();
  return { server: version, details: { tls: tls ?? null } };
}
