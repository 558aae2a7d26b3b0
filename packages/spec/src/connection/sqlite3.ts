import * as z from "zod";
import { flag, text } from "../scalars.ts";
import { defineConnectionType } from "./connection-type.ts";

/** `sqlite3`: a SQLite database file. */
export const sqlite3 = defineConnectionType({
  type: "sqlite3",
  summary: "A SQLite database: a file of the worker, or an object of S3.",
  fields: z.strictObject({
    host: text.describe("The database: a file of the worker, or s3://bucket/key."),
    port: z
      .union([z.number(), z.string()], { error: "expected a number; it is not used" })
      .describe("Not used, but the original wants it: write 0."),
    user: z
      .string()
      .optional()
      .describe("Not used; the original's schema wants it, its code does not."),
    password: text.optional().describe("Not used."),
    database: text.optional().describe("Not used."),
    preserve_case: flag
      .optional()
      .describe("Whether db_from_s3 keeps the case of names that it quotes. Default: false."),
    subtype: z
      .enum(["sqlite3"])
      .optional()
      .describe("Driver of the Python worker; of no effect here."),
  }),
});
