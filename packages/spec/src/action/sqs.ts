import * as z from "zod";
import { data, duration, text } from "../scalars.ts";
import { defineActionType } from "./action-type.ts";

/** `sqs`: sends a message to an SQS queue. */
export const sqs = defineActionType({
  type: "sqs",
  summary: "Sends a message to an SQS queue.",
  closed: false,
  parameters: z.strictObject({
    queue: text
      .regex(/^(?!arn:)/, { error: "expected the name or URL of a queue, not its ARN" })
      .describe("Name or URL of the queue."),
    message: z
      .union([text, z.record(z.string(), data)], { error: "expected text or a map" })
      .describe("The message; rendered. A map is sent as JSON."),
    delay: duration.optional().describe("How long the message is held back, at most 15m."),
    dedup_id: text.optional().describe("Deduplication id, for FIFO queues; rendered."),
    group_id: text.optional().describe("Message group, for FIFO queues; rendered."),
  }),
});
