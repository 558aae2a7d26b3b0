import * as z from "zod";
import { text } from "../scalars.ts";
import { defineConnectionType } from "./connection-type.ts";

/** `slack`: a Slack channel. */
export const slack = defineConnectionType({
  type: "slack",
  summary: "A Slack channel, by webhook.",
  fields: z.strictObject({
    webhook_url: text.describe(
      "The webhook that Slack gave for the channel, or the name of an SSM parameter with it.",
    ),
    from: text.optional().describe("Who sends, as shown. Default: lava@<realm>."),
    style: z
      .enum(["block", "attachment", "plain"])
      .optional()
      .describe("Layout of messages. Default: block."),
    colour: text.optional().describe("Colour of the bar of attachments. Default: #bbbbbb."),
    preamble: text.optional().describe("What messages begin with, such as <!here>."),
  }),
});
