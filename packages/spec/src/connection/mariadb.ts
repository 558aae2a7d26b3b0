import { defineConnectionType } from "./connection-type.ts";
import { mysqlFields } from "./sql-fields.ts";

/** `mariadb`: a MariaDB database. */
export const mariadb = defineConnectionType({
  type: "mariadb",
  summary: "A MariaDB database.",
  fields: mysqlFields,
});
