import { defineConnectionType } from "./connection-type.ts";
import { mysqlFields } from "./sql-fields.ts";

/** `mysql`: a MySQL database. */
export const mysql = defineConnectionType({
  type: "mysql",
  summary: "A MySQL database.",
  fields: mysqlFields,
});
