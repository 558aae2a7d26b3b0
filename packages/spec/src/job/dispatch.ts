import * as z from "zod";
import { text } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { dispatchDelay, dispatchParameters, jinja, jobPrefix } from "./parameter-fields.ts";

/** `dispatch`: dispatches other jobs, of any worker. */
export const dispatch = defineJobType({
  type: "dispatch",
  summary: "Dispatches other jobs of the realm, of any worker, and does not wait for them.",
  payload: z
    .union([text, z.array(text).min(1)], {
      error: "expected job ids: comma separated text, or a list",
    })
    .describe("Ids of the jobs to dispatch: comma separated text, or a list. Not rendered."),
  parameters: z.strictObject({
    delay: dispatchDelay,
    jinja,
    job_prefix: jobPrefix,
    parameters: dispatchParameters,
  }),
});
