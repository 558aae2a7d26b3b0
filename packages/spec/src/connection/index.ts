import * as z from "zod";
import { aws } from "./aws.ts";
import { connectionFields as baseFields } from "./connection-fields.ts";
import type { ConnectionTypeDefinition } from "./connection-type.ts";
import { docker } from "./docker.ts";
import { email } from "./email.ts";
import { generic } from "./generic.ts";
import { git } from "./git.ts";
import { mariadbRds } from "./mariadb-rds.ts";
import { mariadb } from "./mariadb.ts";
import { mssql } from "./mssql.ts";
import { mysqlAurora } from "./mysql-aurora.ts";
import { mysqlRds } from "./mysql-rds.ts";
import { mysql } from "./mysql.ts";
import { oracleRds } from "./oracle-rds.ts";
import { oracle } from "./oracle.ts";
import { postgresAurora } from "./postgres-aurora.ts";
import { postgresRds } from "./postgres-rds.ts";
import { postgres } from "./postgres.ts";
import { postgresql } from "./postgresql.ts";
import { psql } from "./psql.ts";
import { redshiftServerless } from "./redshift-serverless.ts";
import { redshift } from "./redshift.ts";
import { scp } from "./scp.ts";
import { ses } from "./ses.ts";
import { sftp } from "./sftp.ts";
import { sharepoint } from "./sharepoint.ts";
import { slack } from "./slack.ts";
import { smb } from "./smb.ts";
import { sqlite3 } from "./sqlite3.ts";
import { ssh } from "./ssh.ts";

/** Every connection type, one file each. */
export const connectionTypes = {
  aws,
  docker,
  email,
  generic,
  git,
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
  scp,
  ses,
  sftp,
  sharepoint,
  slack,
  smb,
  sqlite3,
  ssh,
};

/** Name of a connection type. */
export type ConnectionType = keyof typeof connectionTypes;

/** Schemas of the fields of each connection type, beside those that all have. */
export const connectionFields: {
  readonly [T in ConnectionType]: (typeof connectionTypes)[T]["fields"];
} = {
  aws: aws.fields,
  docker: docker.fields,
  email: email.fields,
  generic: generic.fields,
  git: git.fields,
  mariadb: mariadb.fields,
  "mariadb-rds": mariadbRds.fields,
  mssql: mssql.fields,
  mysql: mysql.fields,
  "mysql-aurora": mysqlAurora.fields,
  "mysql-rds": mysqlRds.fields,
  oracle: oracle.fields,
  "oracle-rds": oracleRds.fields,
  postgres: postgres.fields,
  "postgres-aurora": postgresAurora.fields,
  "postgres-rds": postgresRds.fields,
  postgresql: postgresql.fields,
  psql: psql.fields,
  redshift: redshift.fields,
  "redshift-serverless": redshiftServerless.fields,
  scp: scp.fields,
  ses: ses.fields,
  sftp: sftp.fields,
  sharepoint: sharepoint.fields,
  slack: slack.fields,
  smb: smb.fields,
  sqlite3: sqlite3.fields,
  ssh: ssh.fields,
};

/** Whether lava has a connection type of this name. */
export function isConnectionType(name: string): name is ConnectionType {
  return Object.hasOwn(connectionTypes, name);
}

/** A connection as people write it, before its `x-` fields of others are taken away. */
export const strictConnectionSpec = z.discriminatedUnion("type", [
  specOf(aws),
  specOf(docker),
  specOf(email),
  specOf(generic),
  specOf(git),
  specOf(mariadb),
  specOf(mariadbRds),
  specOf(mssql),
  specOf(mysql),
  specOf(mysqlAurora),
  specOf(mysqlRds),
  specOf(oracle),
  specOf(oracleRds),
  specOf(postgres),
  specOf(postgresAurora),
  specOf(postgresRds),
  specOf(postgresql),
  specOf(psql),
  specOf(redshift),
  specOf(redshiftServerless),
  specOf(scp),
  specOf(ses),
  specOf(sftp),
  specOf(sharepoint),
  specOf(slack),
  specOf(smb),
  specOf(sqlite3),
  specOf(ssh),
]);

/** A connection as people write it. */
export type ConnectionSpec<T extends ConnectionType = ConnectionType> = Extract<
  z.input<typeof strictConnectionSpec>,
  { type: T }
>;

function specOf<T extends string, F extends z.ZodObject>(type: ConnectionTypeDefinition<T, F>) {
  return type.fields
    .safeExtend({ ...baseFields, type: z.literal(type.type).describe(type.summary) })
    .describe(type.summary);
}
