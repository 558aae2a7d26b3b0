import * as z from "zod";
import { awsRegion, mailAddress, mailAddresses, text } from "../scalars.ts";
import { defineConnectionType } from "./connection-type.ts";

/** `ses`: mail by SES, the old form. */
export const ses = defineConnectionType({
  type: "ses",
  summary: "Mail by SES. Deprecated: write type email.",
  fields: z.strictObject({
    from: mailAddress.optional().describe("Address of the sender. Default: SES_FROM."),
    region: awsRegion.optional().describe("Region. Default: SES_REGION (us-east-1)."),
    reply_to: mailAddresses.optional().describe("Address, or list of them, for replies."),
    return_path: mailAddress.optional().describe("Address for bounces."),
    configuration_set: text
      .optional()
      .describe("Configuration set. Default: SES_CONFIGURATION_SET."),
  }),
});
