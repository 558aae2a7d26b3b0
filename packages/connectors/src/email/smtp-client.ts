import type { ConnectorContext } from "../connector.ts";
import type { MailClient } from "./client.ts";
import { composeMail } from "./compose.ts";
import type { MailRecord } from "./mail-record.ts";
import { smtpFault } from "./smtp-fault.ts";
import { smtpSettings } from "./smtp-settings.ts";

/**
 * Mail by an SMTP server; blind copies are delivered (CON-email-06).
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD
 */
export async function createSmtpClient(
  conn_id: string,
  record: MailRecord,
  context: ConnectorContext,
): Promise<MailClient> {
  const settings = await smtpSettings(conn_id, record, context);
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({ ...settings });
  return {
    async send(mail) {
      const { from, recipients, raw } = await composeMail(mail, record, context);
      const envelope = { from, to: [...recipients] };
      const result = await transport.sendMail({ envelope, raw }).catch((error: unknown) => {
        throw smtpFault(conn_id, settings, error);
      });
      // The server's own id is in its answer, where it says one.
      const messageId = /\bas (\S+)/.exec(result.response)?.[1];
      context.logger.debug(
        { conn_id, host: settings.host, response: result.response },
        "mail sent",
      );
      return { messageId };
    },
    async [Symbol.asyncDispose]() {
      transport.close();
    },
  };
}
