import { defineConnectionType } from "./connection-type.ts";
import { oracleFields } from "./sql-fields.ts";

/** `oracle-rds`: an Oracle database of RDS. */
export const oracleRds = defineConnectionType({
  type: "oracle-rds",
  summary: "An Oracle database of RDS.",
  fields: oracleFields,
});
