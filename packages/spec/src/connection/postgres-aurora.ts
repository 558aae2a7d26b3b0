import { defineConnectionType } from "./connection-type.ts";
import { postgresFields } from "./sql-fields.ts";

/** `postgres-aurora`: an Aurora PostgreSQL database, also with IAM authentication. */
export const postgresAurora = defineConnectionType({
  type: "postgres-aurora",
  summary: "An Aurora PostgreSQL database, also with IAM authentication.",
  fields: postgresFields,
});
