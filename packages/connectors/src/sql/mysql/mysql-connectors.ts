import type { ConnectionType, StoredConnection } from "@lava/spec";
import { type ConnectorContext, defineConnector } from "../../connector.ts";
import { rdsToken } from "../../credentials/rds-token.ts";
import { checkSql } from "../check-sql.ts";
import type { SqlCopyInClient } from "../client.ts";
import { openWithSpec } from "../open-with-spec.ts";
import { resolveSqlSpec, type SqlSpecOptions } from "../sql-spec.ts";
import { mysqlClientKind, mysqlWrapper } from "./mysql-wrapper.ts";
import { openMysql } from "./open-mysql.ts";

function mysqlConnector<const T extends ConnectionType>(type: T, { iam }: { iam: boolean }) {
  const toOptions = ({ realm }: ConnectorContext, onToken?: () => void): SqlSpecOptions => ({
    dialect: "mysql",
    subtypes: ["pymysql"],
    ...(iam
      ? {
          credentials: (fields) => {
            onToken?.();
            return rdsToken(fields, realm);
          },
        }
      : {}),
  });
  const open = (
    connection: StoredConnection,
    context: ConnectorContext,
  ): Promise<SqlCopyInClient> =>
    openWithSpec(connection, context, toOptions(context), (spec) =>
      openMysql(spec, context.applicationName),
    );
  return defineConnector({
    type,
    family: "sql",
    open,
    async cli(connection, context) {
      let isToken = false;
      const options = toOptions(context, () => {
        isToken = true;
      });
      const spec = await resolveSqlSpec(connection, context.realm, options);
      return mysqlWrapper(spec, await mysqlClientKind(context.env["PATH"]), isToken);
    },
    check: (connection, context) => checkSql(() => open(connection, context)),
  });
}

/** `mysql` (CON-mysql-01). */
export const mysql = mysqlConnector("mysql", { iam: false });
/** `mysql-aurora`: with tokens of IAM (CON-mysql-aurora-01). */
export const mysqlAurora = mysqlConnector("mysql-aurora", { iam: true });
/** `mysql-rds`: with tokens of IAM (CON-mysql-rds-01). */
export const mysqlRds = mysqlConnector("mysql-rds", { iam: true });
/** `mariadb` (CON-mariadb-01). */
export const mariadb = mysqlConnector("mariadb", { iam: false });
/** `mariadb-rds`: with tokens of IAM (CON-mariadb-rds-01). */
export const mariadbRds = mysqlConnector("mariadb-rds", { iam: true });
