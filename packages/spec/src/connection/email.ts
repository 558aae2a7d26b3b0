import * as z from "zod";
import { always } from "../always.ts";
import { awsRegion, flag, mailAddress, mailAddresses, positive, text } from "../scalars.ts";
import { defineConnectionType } from "./connection-type.ts";

const SMTP_FIELDS = ["host", "port", "tls", "user", "password"];

/** `email`: mail, by SES or an SMTP server. */
export const email = defineConnectionType({
  type: "email",
  summary: "Mail, by SES or by an SMTP server.",
  fields: z
    .strictObject({
      subtype: z.enum(["ses", "smtp"]).optional().describe("How mail is sent. Default: ses."),
      from: mailAddress.optional().describe("Address of the sender. Default: SES_FROM (ses only)."),
      reply_to: mailAddresses.optional().describe("Address, or list of them, for replies."),
      region: awsRegion.optional().describe("ses: region. Default: SES_REGION (us-east-1)."),
      configuration_set: text
        .optional()
        .describe("ses: configuration set. Default: SES_CONFIGURATION_SET."),
      return_path: mailAddress.optional().describe("ses: address for bounces."),
      host: text.optional().describe("smtp: host of the server. Needed there."),
      port: positive.optional().describe("smtp: port of the server. Default: 25, with tls 465."),
      tls: flag.optional().describe("smtp: whether TLS is used. Default: false."),
      user: text.optional().describe("smtp: user name."),
      password: text
        .optional()
        .describe("smtp: name of the SSM parameter with the password; never the password itself."),
    })
    .refine((value) => value.subtype !== "smtp" || value.host !== undefined, {
      error: "required field is missing: the SMTP server (subtype is smtp)",
      path: ["host"],
      when: always,
    })
    .superRefine(
      (value, context) => {
        if (value.subtype === "smtp") return;
        for (const name of SMTP_FIELDS.filter((field) => Object.hasOwn(value, field))) {
          context.addIssue({
            code: "custom",
            path: [name],
            message: "this field counts only with subtype smtp",
          });
        }
      },
      { when: always },
    ),
});
