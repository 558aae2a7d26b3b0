import * as z from "zod";
import { choice, text } from "../scalars.ts";
import { defineActionType } from "./action-type.ts";

/** `slack`: sends a message to a Slack channel. */
export const slack = defineActionType({
  type: "slack",
  summary: "Sends a message to a Slack channel.",
  closed: true,
  parameters: z.strictObject({
    slack_conn: text.describe("Id of the slack connection."),
    message: text.describe("The message; rendered."),
    subject: text.optional().describe("The subject; rendered."),
    from: text.optional().describe("Who sends, as shown; rendered. Default: the connection's."),
    style: choice(["block", "attachment", "plain"], (word) => `Bad slack message style: ${word}`)
      .optional()
      .describe("Layout of the message. Default: the connection's."),
    colour: text
      .optional()
      .describe("Colour of the bar of an attachment. Default: the connection's."),
    preamble: text
      .optional()
      .describe("What the message begins with, such as <!here>. Default: the connection's."),
  }),
});
