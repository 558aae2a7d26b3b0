import { errorText } from "@lava/core";
import type { ConnectionType, StoredConnection } from "@lava/spec";
import { type ConnectorContext, defineConnector } from "../../connector.ts";
import { pythonText } from "../../python-text.ts";
import { checkSql } from "../check-sql.ts";
import type { SqlClient } from "../client.ts";
import { loadDriver } from "../load-driver.ts";
import { openWithSpec } from "../open-with-spec.ts";
import { loginRefused, unreachable } from "../sql-errors.ts";
import { resolveSqlSpec, type SqlSpec, type SqlSpecOptions } from "../sql-spec.ts";
import { createOracleClient } from "./oracle-client.ts";
import { sqlplusWrapper } from "./sqlplus-wrapper.ts";

const OPTIONS: SqlSpecOptions = { dialect: "oracle", subtypes: ["cx_oracle"] };

/** Wrong user or password, locked or expired account. */
const LOGIN = /ORA-(?:01017|28000|28001|01045)/;

function oracleConnector<const T extends ConnectionType>(type: T) {
  return defineConnector({
    type,
    family: "sql",
    open,
    async cli(connection, { realm }) {
      const spec = await resolveSqlSpec(connection, realm, OPTIONS);
      return sqlplusWrapper(spec, oracleDsn(spec));
    },
    check: (connection, context) => checkSql(() => open(connection, context)),
  });
}

/** `oracle` (CON-oracle-01). */
export const oracle = oracleConnector("oracle");
/** `oracle-rds`: as oracle (CON-oracle-rds-01). */
export const oracleRds = oracleConnector("oracle-rds");

/** Where the database is, in the driver's own words (CON-oracle-02). */
export function oracleDsn({
  host,
  port,
  fields,
}: Pick<SqlSpec, "host" | "port" | "fields">): string {
  const text = (name: string): string | undefined =>
    fields[name] === undefined ? undefined : pythonText(fields[name]);
  const service = text("service_name");
  const sid = text("sid") ?? text("database");
  const data = service === undefined ? `(SID=${sid ?? ""})` : `(SERVICE_NAME=${service})`;
  return `(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=${host})(PORT=${port}))(CONNECT_DATA=${data}))`;
}

function open(connection: StoredConnection, context: ConnectorContext): Promise<SqlClient> {
  return openWithSpec(connection, context, OPTIONS, openOracle);
}

/** Connects to an Oracle database. @throws {LavaError} DRIVER_MISSING, CONNECTION_FAILED, LOGIN_FAILED */
export async function openOracle(spec: SqlSpec): Promise<SqlClient> {
  const { default: oracledb } = await loadDriver("oracledb", () => import("oracledb"));
  const { user, password } = spec;
  try {
    const made = await oracledb.getConnection({ user, password, connectString: oracleDsn(spec) });
    return createOracleClient({ connection: made, oracledb, target: spec });
  } catch (error) {
    const text = errorText(error);
    throw LOGIN.test(text) ? loginRefused(spec, text, error) : unreachable(spec, error);
  }
}
