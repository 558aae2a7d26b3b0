import * as z from "zod";
import { text } from "../scalars.ts";
import { defineConnectionType } from "./connection-type.ts";
import { databaseFields, sqlFields } from "./sql-fields.ts";

/** `mssql`: a Microsoft SQL Server database. */
export const mssql = defineConnectionType({
  type: "mssql",
  summary: "A Microsoft SQL Server database.",
  fields: databaseFields({
    ...sqlFields,
    driver: text
      .optional()
      .describe("ODBC driver of the Python worker (name in odbcinst.ini); of no effect here."),
    timeout: z.int().min(0).optional().describe("Limit for connecting, seconds."),
    subtype: z
      .enum(["pyodbc"])
      .optional()
      .describe("Driver of the Python worker; of no effect here."),
  }),
});
