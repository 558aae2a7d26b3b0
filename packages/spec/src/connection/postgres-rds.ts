import { defineConnectionType } from "./connection-type.ts";
import { postgresFields } from "./sql-fields.ts";

/** `postgres-rds`: a PostgreSQL database of RDS, also with IAM authentication. */
export const postgresRds = defineConnectionType({
  type: "postgres-rds",
  summary: "A PostgreSQL database of RDS, also with IAM authentication.",
  fields: postgresFields,
});
