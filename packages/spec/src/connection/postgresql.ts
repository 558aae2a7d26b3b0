import { defineConnectionType } from "./connection-type.ts";
import { postgresFields } from "./sql-fields.ts";

/** `postgresql`: a PostgreSQL database; jobs can use it, commands cannot. */
export const postgresql = defineConnectionType({
  type: "postgresql",
  summary: "A PostgreSQL database; jobs can use it, commands cannot.",
  fields: postgresFields,
});
