import { defineConnectionType } from "./connection-type.ts";
import { postgresFields } from "./sql-fields.ts";

/** `psql`: a PostgreSQL database (other name of postgres). */
export const psql = defineConnectionType({
  type: "psql",
  summary: "A PostgreSQL database (other name of postgres).",
  fields: postgresFields,
});
