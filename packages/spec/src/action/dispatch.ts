import * as z from "zod";
import { dataMap, duration, text } from "../scalars.ts";
import { defineActionType } from "./action-type.ts";

/** `dispatch`: dispatches another job. */
export const dispatch = defineActionType({
  type: "dispatch",
  summary: "Dispatches another job of the realm.",
  closed: false,
  parameters: z.strictObject({
    job_id: text.describe("Id of the job to dispatch; rendered."),
    parameters: dataMap.optional().describe("Parameters sent with the dispatch; rendered."),
    delay: duration.optional().describe("How long the dispatch is held back, at most 15m."),
  }),
});
