import type { StoredConnection } from "@lava/spec";
import { commandWrapper } from "../../command-wrapper.ts";
import { type ConnectorContext, defineConnector } from "../../connector.ts";
import { checkSql } from "../check-sql.ts";
import type { SqlClient } from "../client.ts";
import { openWithSpec } from "../open-with-spec.ts";
import { resolveSqlSpec, type SqlSpecOptions } from "../sql-spec.ts";
import { openMssql } from "./open-mssql.ts";

const OPTIONS: SqlSpecOptions = { dialect: "mssql", subtypes: ["pyodbc"] };

/** `mssql`: a SQL Server (CON-mssql-01, 02). */
export const mssql = defineConnector({
  type: "mssql",
  family: "sql",
  open,
  async cli(connection, context) {
    await resolveSqlSpec(connection, context.realm, OPTIONS);
    return commandWrapper("lava-sql", connection.conn_id, context);
  },
  check: (connection, context) => checkSql(() => open(connection, context)),
});

function open(connection: StoredConnection, context: ConnectorContext): Promise<SqlClient> {
  return openWithSpec(connection, context, OPTIONS, (spec) =>
    openMssql(spec, context.applicationName),
  );
}
