import * as z from "zod";
import { choice, flag, size, text } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { noPayload } from "./no-payload.ts";
import { jinja, vars } from "./parameter-fields.ts";

/** `db_from_s3`: loads an object of S3 into a table of a database. */
export const db_from_s3 = defineJobType({
  type: "db_from_s3",
  summary: "Loads an object of S3 into a table of a database.",
  payload: noPayload,
  parameters: z.strictObject({
    args: z
      .array(text)
      .default([])
      .describe("Load options as the database spells them, such as \"DELIMITER ','\"."),
    bucket: text.describe("Bucket of the data; rendered."),
    columns: z
      .array(text)
      .optional()
      .describe(
        "Columns, each a name and a type: to create a missing table and to name the loaded columns.",
      ),
    db_conn_id: text.describe("Id of the connection to the database."),
    jinja,
    key: text.describe("Key of the data; rendered."),
    min_size: size.default(0).describe("Smaller objects are skipped."),
    mode: choice(
      ["abort", "append", "delete", "drop", "switch", "truncate"],
      (word) => `Bad mode: ${word}`,
    ).describe(
      "What happens to a table that exists: abort, append to it, delete or truncate its rows, drop it, or switch between two tables.",
    ),
    s3_conn_id: text
      .optional()
      .describe("Id of the aws connection that the database reads S3 with."),
    s3_iam_role: text.optional().describe("ARN of the role that the database reads S3 with."),
    schema: z
      .string()
      .describe(
        "Schema of the table; rendered. Beginning with / it is a regex searched in the key.",
      ),
    skip_missing: flag
      .default(false)
      .describe("Whether a missing object is skipped without an error."),
    table: text.describe(
      "Table to load; rendered. Beginning with / it is a regex searched in the key.",
    ),
    vars,
  }),
});
