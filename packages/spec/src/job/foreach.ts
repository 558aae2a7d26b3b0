import * as z from "zod";
import { flag, text } from "../scalars.ts";
import { foreachSource } from "./foreach-source.ts";
import { defineJobType } from "./job-type.ts";
import { jinja } from "./parameter-fields.ts";

/** `foreach`: runs one job of the same worker again and again. */
export const foreach = defineJobType({
  type: "foreach",
  summary: "Runs one job of the same worker once for each value of a list, one after the other.",
  payload: text.describe("Id of the job to run."),
  parameters: z.strictObject({
    foreach: foreachSource,
    can_fail: flag
      .default(false)
      .describe("Whether runs may fail; failures are then only listed in the result."),
    limit: z
      .int()
      .min(1)
      .optional()
      .describe(
        "Greatest length of the list; a longer one fails before anything runs. Default: FOREACH_LIMIT (10), cap: FOREACH_MAX_LIMIT (25).",
      ),
    jinja,
  }),
});
