import * as z from "zod";
import { awsRegion, mailAddress, mailAddresses, text } from "../scalars.ts";
import { defineActionType } from "./action-type.ts";

/** `email`: sends a mail. */
export const email = defineActionType({
  type: "email",
  summary: "Sends a mail.",
  closed: true,
  parameters: z.strictObject({
    to: mailAddresses.describe("Address, or list of addresses, to send to. Not rendered."),
    subject: text.describe("The subject; rendered."),
    message: text.describe("The text; rendered. HTML if it begins with <html>."),
    from: mailAddress
      .optional()
      .describe("Address of the sender. Default: the connection's, or SES_FROM. Not rendered."),
    region: awsRegion.optional().describe("Region of SES. Default: SES_REGION."),
    email_conn: text.optional().describe("Id of the email connection. Default: SES directly."),
    attachments: z
      .array(text)
      .optional()
      .describe("Files to attach, of the worker or s3://bucket/key; rendered. Needs email_conn."),
  }),
});
