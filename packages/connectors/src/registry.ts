import { LavaError } from "@lava/core";
import type { ConnectionType } from "@lava/spec";
import { aws } from "./aws/aws.ts";
import type { Connector } from "./connector.ts";
import { docker } from "./docker/docker.ts";
import { email } from "./email/email.ts";
import { ses } from "./email/ses.ts";
import { generic } from "./generic.ts";
import { git } from "./git/git.ts";
import { scp } from "./scp/scp.ts";
import { sftp } from "./sftp/sftp.ts";
import { sharepoint } from "./sharepoint/sharepoint.ts";
import { slack } from "./slack/slack.ts";
import { smb } from "./smb/smb.ts";
import { mssql } from "./sql/mssql/mssql.ts";
import { mariadb, mariadbRds, mysql, mysqlAurora, mysqlRds } from "./sql/mysql/mysql-connectors.ts";
import { oracle, oracleRds } from "./sql/oracle/oracle.ts";
import {
  postgres,
  postgresAurora,
  postgresql,
  postgresRds,
  psql,
  redshift,
  redshiftServerless,
} from "./sql/postgres/postgres-connectors.ts";
import { sqlite3 } from "./sql/sqlite3.ts";
import { ssh } from "./ssh/ssh.ts";

/** The connection types that can be opened, by name. */
export const builtinConnectors = {
  aws,
  docker,
  email,
  generic,
  git,
  scp,
  mariadb,
  "mariadb-rds": mariadbRds,
  mssql,
  mysql,
  "mysql-aurora": mysqlAurora,
  "mysql-rds": mysqlRds,
  oracle,
  "oracle-rds": oracleRds,
  postgres,
  "postgres-aurora": postgresAurora,
  "postgres-rds": postgresRds,
  postgresql,
  psql,
  redshift,
  "redshift-serverless": redshiftServerless,
  ses,
  sftp,
  sharepoint,
  slack,
  smb,
  sqlite3,
  ssh,
} as const satisfies {
  readonly [T in ConnectionType]?: Connector<T>;
};

/** A connection type that can be opened. */
export type OpenableType = keyof typeof builtinConnectors;

/** The client that a connection type gives. */
export type ClientOf<T extends OpenableType> = Awaited<
  ReturnType<(typeof builtinConnectors)[T]["open"]>
>;

/** A client of any type. */
export type ConnectionClient = ClientOf<OpenableType>;

/** Whether a connection type can be opened. */
export function isOpenable(type: string): type is OpenableType {
  return Object.hasOwn(builtinConnectors, type);
}

/**
 * The connector of a type, in any case (CON-all-02).
 *
 * @throws {LavaError} CONNECTION_TYPE_NOT_AVAILABLE
 */
export function connectorOf(
  conn_id: string,
  type: string,
): (typeof builtinConnectors)[OpenableType] {
  const name = type.toLowerCase();
  if (isOpenable(name)) return builtinConnectors[name];
  throw new LavaError(
    "CONNECTION_TYPE_NOT_AVAILABLE",
    `${conn_id}: Unsupported connection type - ${name}`,
    {
      retry: "never",
      hint: `This version opens connections of these types: ${Object.keys(builtinConnectors).join(", ")}.`,
    },
  );
}
