import * as z from "zod";
import { text } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { sqlParameters } from "./sql-fields.ts";

/** `sql`: runs SQL files of the payload area. */
export const sql = defineJobType({
  type: "sql",
  summary: "Runs SQL files of the realm's payload area; what they select goes to S3 as CSV.",
  payload: z
    .union([text, z.array(text).min(1)], { error: "expected a path, or a list of paths" })
    .describe("Path below s3_payloads of one file or prefix, or a list of them."),
  parameters: sqlParameters,
});
