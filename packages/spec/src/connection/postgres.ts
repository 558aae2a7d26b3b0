import { defineConnectionType } from "./connection-type.ts";
import { postgresFields } from "./sql-fields.ts";

/** `postgres`: a PostgreSQL database. */
export const postgres = defineConnectionType({
  type: "postgres",
  summary: "A PostgreSQL database.",
  fields: postgresFields,
});
