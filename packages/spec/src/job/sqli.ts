import * as z from "zod";
import { text } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { sqlParameters } from "./sql-fields.ts";

/** `sqli`: runs SQL written in the job itself. */
export const sqli = defineJobType({
  type: "sqli",
  summary: "Runs SQL that is written in the job itself; what it selects goes to S3 as CSV.",
  payload: z
    .union([text, z.array(text).min(1)], { error: "expected SQL text, or a list of SQL texts" })
    .describe("SQL text, or a list of SQL texts. Split into statements, then each is rendered."),
  parameters: sqlParameters,
});
