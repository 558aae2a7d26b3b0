import * as z from "zod";
import { data, text } from "../scalars.ts";
import { defineActionType } from "./action-type.ts";

/** `event`: puts an event on an EventBridge bus. */
export const event = defineActionType({
  type: "event",
  summary: "Puts an event on an EventBridge bus.",
  closed: true,
  parameters: z.strictObject({
    detail: z
      .union([text, z.record(z.string(), data)], { error: "expected text or a map" })
      .optional()
      .describe("Detail of the event; rendered. Default: realm, worker, job, run and exit status."),
    detail_type: text
      .optional()
      .describe('Detail type of the event; rendered. Default: "Lava Job Action".'),
    event_bus: text.optional().describe("Name or ARN of the bus; rendered. Default: default."),
    resources: z.array(text).optional().describe("ARNs that the event concerns; rendered."),
    source: text.optional().describe("Source of the event; rendered. Default: lava.<realm>."),
  }),
});
