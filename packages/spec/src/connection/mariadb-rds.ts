import { defineConnectionType } from "./connection-type.ts";
import { mysqlFields } from "./sql-fields.ts";

/** `mariadb-rds`: a MariaDB database of RDS. */
export const mariadbRds = defineConnectionType({
  type: "mariadb-rds",
  summary: "A MariaDB database of RDS.",
  fields: mysqlFields,
});
