import type { StoredConnection } from "@lava/spec";
import { commandWrapper } from "../command-wrapper.ts";
import { type ConnectorContext, defineConnector } from "../connector.ts";
import { openGraph } from "./graph.ts";
import { createSharePointClient, type SharePointClient } from "./sharepoint-client.ts";
import { readSharePointRecord } from "./sharepoint-record.ts";

/** `sharepoint`: a SharePoint site, by Microsoft Graph (CON-sharepoint-01 to 03). */
export const sharepoint = defineConnector({
  type: "sharepoint",
  family: "files",
  open,
  async cli(connection, context) {
    await readSharePointRecord(connection, context.realm, context.env);
    return commandWrapper("lava-sharepoint", connection.conn_id, context);
  },
  async check(connection, context) {
    await using client = await open(connection, context);
    const libraries = await client.list("/");
    const { raw } = connection;
    return {
      server: `SharePoint ${String(raw["org_base_url"])}/sites/${String(raw["site_name"])}`,
      details: { libraries: libraries.map(({ name }) => name) },
    };
  },
});

async function open(
  connection: StoredConnection,
  context: ConnectorContext,
): Promise<SharePointClient> {
  const record = await readSharePointRecord(connection, context.realm, context.env);
  return createSharePointClient(openGraph(record, context), record, context.tmpdir);
}
