import * as z from "zod";
import { text } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { canFail, jobPrefix } from "./parameter-fields.ts";

/** `chain`: runs other jobs of the same worker one after the other. */
export const chain = defineJobType({
  type: "chain",
  summary: "Runs other jobs of the same worker one after the other.",
  payload: z
    .union([text, z.array(text).min(1)], {
      error: "expected job ids: comma separated text, or a list",
    })
    .describe("Ids of the jobs to run: comma separated text, or a list."),
  parameters: z.strictObject({
    job_prefix: jobPrefix,
    start: text
      .optional()
      .describe("Id (without prefix) of the job to begin with. Default: the first."),
    can_fail: canFail,
  }),
});
