import { errorText, LavaError } from "@lava/core";
import type { ConnectorContext } from "../connector.ts";
import type { MailClient } from "./client.ts";
import { composeMail } from "./compose.ts";
import type { MailRecord } from "./mail-record.ts";

const TIMEOUT_MS = 10_000;

/**
 * Mail by an SMTP server: TLS from the start on port 465, STARTTLS on others, plain without `tls`; blind copies are
 * delivered (CON-email-06).
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD
 */
export async function createSmtpClient(
  conn_id: string,
  record: MailRecord,
  context: ConnectorContext,
): Promise<MailClient & { verify(): Promise<void> }> {
  const { host, tls, user } = record;
  if (host === undefined) {
    throw bad(`${conn_id}: Bad connection record: Missing keys: host`);
  }
  const port = record.port ?? (tls ? 465 : 25);
  const auth =
    user === undefined ? undefined : { user, pass: await passwordOf(conn_id, record, context) };
  const { createTransport } = await import("nodemailer");
  const secure = tls && port === 465;
  const transport = createTransport({
    host,
    port,
    secure,
    ...(secure ? {} : tls ? { requireTLS: true } : { ignoreTLS: true }),
    ...(auth === undefined ? {} : { auth }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    dnsTimeout: TIMEOUT_MS,
    socketTimeout: 6 * TIMEOUT_MS,
  });
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new LavaError("EMAIL_FAILED", `${conn_id}: ${errorText(error)}`, { cause: error });
    }
  };
  return {
    async send(mail) {
      const { from, recipients, raw } = await composeMail(mail, record, context);
      const envelope = { from, to: [...recipients] };
      const result = await attempt(() => transport.sendMail({ envelope, raw }));
      // The server's own id is in its answer, where it says one.
      const messageId = /\bas (\S+)/.exec(result.response)?.[1];
      context.logger.debug({ conn_id, host, response: result.response }, "mail sent");
      return { messageId };
    },
    async verify() {
      await attempt(() => transport.verify());
    },
    async [Symbol.asyncDispose]() {
      transport.close();
    },
  };
}

async function passwordOf(
  conn_id: string,
  { password }: MailRecord,
  { realm }: ConnectorContext,
): Promise<string> {
  if (password === undefined) throw bad(`${conn_id}: password is required if user is specified`);
  try {
    return await realm.secrets.parameter(password);
  } catch (error) {
    throw new LavaError("BAD_CONNECTION_RECORD", `${conn_id}: ${errorText(error)}`, {
      cause: error,
    });
  }
}

function bad(message: string): LavaError {
  return new LavaError("BAD_CONNECTION_RECORD", message, { retry: "never" });
}
