import { errorText, isMap, LavaError } from "@lava/core";
import type { StoredConnection } from "@lava/spec";
import { commandWrapper } from "../../command-wrapper.ts";
import { type ConnectorContext, defineConnector } from "../../connector.ts";
import { checkSql } from "../check-sql.ts";
import type { SqlClient } from "../client.ts";
import { loadDriver } from "../load-driver.ts";
import { openWithSpec } from "../open-with-spec.ts";
import { loginRefused, unreachable } from "../sql-errors.ts";
import { resolveSqlSpec, type SqlSpec, type SqlSpecOptions } from "../sql-spec.ts";
import { tlsOptions } from "../tls-options.ts";
import { createMssqlClient } from "./mssql-client.ts";

const OPTIONS: SqlSpecOptions = { dialect: "mssql", subtypes: ["pyodbc"] };

/** Seconds for connecting where the record does not say. */
const TIMEOUT = 30;

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
  return openWithSpec(connection, context, OPTIONS, (spec) => connect(spec, context));
}

async function connect(spec: SqlSpec, { applicationName }: ConnectorContext): Promise<SqlClient> {
  const { host, port, user, password, database, fields } = spec;
  if (!database) throw new LavaError("BAD_CONNECTION_RECORD", "'database'", { retry: "never" });
  const tls = await tlsOptions(spec);
  const tedious = await loadDriver("tedious", () => import("tedious"));
  const connection = new tedious.Connection({
    server: host,
    authentication: { type: "default", options: { userName: user, password } },
    options: {
      port,
      database,
      // As FreeTDS: TLS where the server wants it, its certificate checked only where the record says so. The driver
      // knows no check of the chain alone: `ssl_verify: ca` compares the host's name as well.
      encrypt: true,
      trustServerCertificate: tls?.rejectUnauthorized !== true,
      ...(tls?.ca === undefined ? {} : { cryptoCredentialsDetails: { ca: tls.ca } }),
      connectTimeout: Number(fields["timeout"] ?? TIMEOUT) * 1000,
      requestTimeout: 0,
      useUTC: true,
      ...(applicationName === undefined ? {} : { appName: applicationName }),
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  connection.connect((error) => {
    if (error === undefined || error === null) resolve();
    else reject(error);
  });
  try {
    await promise;
  } catch (error) {
    throw isMap(error) && error["code"] === "ELOGIN"
      ? loginRefused(spec, errorText(error), error)
      : unreachable(spec, error);
  }
  return createMssqlClient({ connection, tedious, target: spec, tls: true });
}
