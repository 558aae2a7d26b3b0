import { defineConnectionType } from "./connection-type.ts";
import { mysqlFields } from "./sql-fields.ts";

/** `mysql-aurora`: an Aurora MySQL database, also with IAM authentication. */
export const mysqlAurora = defineConnectionType({
  type: "mysql-aurora",
  summary: "An Aurora MySQL database, also with IAM authentication.",
  fields: mysqlFields,
});
