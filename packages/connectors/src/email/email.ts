import { quoteShellWord } from "@lava/core";
import { commandWrapper } from "../command-wrapper.ts";
import { defineConnector } from "../connector.ts";
import { checkSmtp } from "./check-smtp.ts";
import type { MailClient } from "./client.ts";
import { readMailRecord } from "./mail-record.ts";
import { checkSes, createSesClient } from "./ses-client.ts";
import { createSmtpClient } from "./smtp-client.ts";
import { smtpSettings } from "./smtp-settings.ts";

/** `email`: mail by SES or by an SMTP server (CON-email-01 to 07). */
export const email = defineConnector({
  type: "email",
  family: "mail",
  async open(connection, context): Promise<MailClient> {
    const record = readMailRecord(connection);
    return record.subtype === "smtp"
      ? createSmtpClient(connection.conn_id, record, context)
      : createSesClient(connection.conn_id, record, context);
  },
  async cli(connection, context) {
    const record = readMailRecord(connection);
    const options = [
      ...(record.from === undefined ? [] : [`--from ${quoteShellWord(record.from)}`]),
      ...record.reply_to.map((address) => `--reply-to ${quoteShellWord(address)}`),
    ];
    return commandWrapper("lava-email", connection.conn_id, context, options);
  },
  async check(connection, context) {
    const record = readMailRecord(connection);
    if (record.subtype !== "smtp") return checkSes(record, context);
    const { conn_id } = connection;
    return checkSmtp(conn_id, await smtpSettings(conn_id, record, context));
  },
});
