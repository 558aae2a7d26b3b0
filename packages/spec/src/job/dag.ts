import * as z from "zod";
import { text } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { canFail, jobPrefix } from "./parameter-fields.ts";

/** `dag`: runs other jobs of the same worker in the order of their dependencies. */
export const dag = defineJobType({
  type: "dag",
  summary: "Runs other jobs of the same worker, each as soon as those it depends on are done.",
  payload: z
    .record(
      text,
      z.union([text, z.array(text), z.null()], {
        error: "expected the job ids it depends on: one id, a list, or null for none",
      }),
    )
    .describe("Job id to the ids it depends on: a list, one id, or null. Every id named is run."),
  parameters: z.strictObject({
    job_prefix: jobPrefix,
    workers: z
      .int()
      .min(1)
      .optional()
      .describe("How many jobs may run at a time. Default: DAG_WORKERS, cap: DAG_MAX_WORKERS."),
    can_fail: canFail,
  }),
});
