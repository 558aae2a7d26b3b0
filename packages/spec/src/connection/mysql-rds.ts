import { defineConnectionType } from "./connection-type.ts";
import { mysqlFields } from "./sql-fields.ts";

/** `mysql-rds`: a MySQL database of RDS, also with IAM authentication. */
export const mysqlRds = defineConnectionType({
  type: "mysql-rds",
  summary: "A MySQL database of RDS, also with IAM authentication.",
  fields: mysqlFields,
});
