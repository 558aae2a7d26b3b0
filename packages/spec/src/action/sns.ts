import * as z from "zod";
import { data, text, topicArn } from "../scalars.ts";
import { defineActionType } from "./action-type.ts";

/** `sns`: publishes to an SNS topic. */
export const sns = defineActionType({
  type: "sns",
  summary: "Publishes a message to an SNS topic.",
  closed: false,
  parameters: z.strictObject({
    topic: topicArn.describe("ARN of the topic."),
    message: z
      .union([text, z.record(z.string(), data)], { error: "expected text or a map" })
      .describe("The message; rendered. A map is sent as JSON."),
    subject: text.optional().describe("The subject, cut at 100 characters; rendered."),
  }),
});
