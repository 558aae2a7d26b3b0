import { defineConnectionType } from "./connection-type.ts";
import { oracleFields } from "./sql-fields.ts";

/** `oracle`: an Oracle database. */
export const oracle = defineConnectionType({
  type: "oracle",
  summary: "An Oracle database.",
  fields: oracleFields,
});
