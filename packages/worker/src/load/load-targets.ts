import { mssqlTarget, oracleTarget, sqliteTarget } from "./insert-target.ts";
import type { LoadTarget, TargetContext } from "./load-target.ts";
import { auroraMysqlTarget } from "./mysql-target.ts";
import { postgresRdsTarget, postgresTarget } from "./postgres-target.ts";
import { redshiftTarget } from "./redshift-target.ts";

/** The connection types that `db_from_s3` can load, by name (JOB-db_from_s3-11). */
export const loadTargets: Readonly<Record<string, (host: TargetContext) => LoadTarget>> = {
  mssql: mssqlTarget,
  "mysql-aurora": auroraMysqlTarget,
  oracle: oracleTarget,
  "oracle-rds": oracleTarget,
  postgres: postgresTarget,
  "postgres-aurora": postgresRdsTarget,
  "postgres-rds": postgresRdsTarget,
  psql: postgresTarget,
  redshift: redshiftTarget,
  "redshift-serverless": redshiftTarget,
  sqlite3: sqliteTarget,
};
