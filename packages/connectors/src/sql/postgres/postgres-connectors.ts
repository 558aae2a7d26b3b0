import type { DataMap } from "@lava/core";
import { LavaError } from "@lava/core";
import type { ConnectionType, StoredConnection } from "@lava/spec";
import { type ConnectorContext, defineConnector } from "../../connector.ts";
import { rdsToken } from "../../credentials/rds-token.ts";
import { redshiftCredentials } from "../../credentials/redshift-credentials.ts";
import { redshiftServerlessCredentials } from "../../credentials/redshift-serverless-credentials.ts";
import { checkSql } from "../check-sql.ts";
import type { SqlCopyClient } from "../client.ts";
import { openWithSpec } from "../open-with-spec.ts";
import { type CredentialsOptions, resolveSqlSpec, type SqlSpecOptions } from "../sql-spec.ts";
import { openPostgres } from "./open-postgres.ts";
import { psqlWrapper } from "./psql-wrapper.ts";

type Credentials = (
  fields: DataMap,
  context: ConnectorContext,
  options: CredentialsOptions,
) => ReturnType<NonNullable<SqlSpecOptions["credentials"]>>;

/** What differs between the types of the family. */
interface Variant {
  readonly dialect?: "postgresql" | "redshift";
  readonly credentials?: Credentials;
}

const SUBTYPES = {
  postgresql: ["pg8000", "pygresql"],
  redshift: ["pg8000", "redshift", "pygresql"],
} as const;

function postgresConnector<const T extends ConnectionType>(
  type: T,
  { dialect = "postgresql", credentials }: Variant = {},
) {
  const toOptions = (context: ConnectorContext): SqlSpecOptions => ({
    dialect,
    subtypes: SUBTYPES[dialect],
    ...(credentials === undefined
      ? {}
      : { credentials: (fields, options) => credentials(fields, context, options) }),
  });
  const open = async (
    connection: StoredConnection,
    context: ConnectorContext,
  ): Promise<SqlCopyClient> => {
    if (dialect === "redshift" && connection.raw["subtype"] === "pygresql") {
      throw new LavaError("UNSUPPORTED_CONNECTION", "PyGreSQL no longer supports Redshift", {
        retry: "never",
      });
    }
    return await openWithSpec(connection, context, toOptions(context), (spec) =>
      openPostgres(spec, dialect, context.applicationName),
    );
  };
  return defineConnector({
    type,
    family: "sql",
    open,
    async cli(connection, context) {
      const spec = await resolveSqlSpec(connection, context.realm, toOptions(context));
      return psqlWrapper(spec, context.applicationName);
    },
    check: (connection, context) => checkSql(() => open(connection, context)),
  });
}

const token: Credentials = (fields, { realm }) => rdsToken(fields, realm);

/** `postgres` (CON-postgres-01). */
export const postgres = postgresConnector("postgres");
const { cli: _cli, ...postgresqlParts } = postgresConnector("postgresql");
/** `postgresql`: for jobs and code, without a command (CON-all-15). */
export const postgresql = defineConnector(postgresqlParts);
/** `psql`: a synonym of postgres (CON-psql-01). */
export const psql = postgresConnector("psql");
/** `postgres-aurora`: with tokens of IAM (CON-postgres-aurora-01). */
export const postgresAurora = postgresConnector("postgres-aurora", { credentials: token });
/** `postgres-rds`: as postgres-aurora (CON-postgres-rds-01). */
export const postgresRds = postgresConnector("postgres-rds", { credentials: token });
/** `redshift`: with temporary credentials of a cluster (CON-redshift-01, 02). */
export const redshift = postgresConnector("redshift", {
  dialect: "redshift",
  credentials: (fields, { realm }, options) => redshiftCredentials(fields, realm, options),
});
/** `redshift-serverless`: with temporary credentials of a workgroup (CON-redshift-serverless-01, 02). */
export const redshiftServerless = postgresConnector("redshift-serverless", {
  dialect: "redshift",
  credentials: (fields, { realm, applicationName }, options) =>
    redshiftServerlessCredentials(fields, realm, options, applicationName),
});
