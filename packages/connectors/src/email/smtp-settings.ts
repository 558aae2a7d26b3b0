import { errorText, LavaError } from "@lava/core";
import type { ConnectorContext } from "../connector.ts";
import type { MailRecord } from "./mail-record.ts";

const TIMEOUT_MS = 10_000;

/** What a client of an SMTP server is made with. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the start. */
  readonly secure: boolean;
  readonly requireTLS?: true;
  readonly ignoreTLS?: true;
  readonly auth?: { readonly user: string; readonly pass: string };
  readonly connectionTimeout: number;
  readonly greetingTimeout: number;
  readonly dnsTimeout: number;
  readonly socketTimeout: number;
}

/**
 * TLS from the start on port 465, STARTTLS on others, plain without `tls` (CON-email-06).
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD
 */
export async function smtpSettings(
  conn_id: string,
  record: MailRecord,
  context: ConnectorContext,
): Promise<SmtpSettings> {
  const { host, tls, user } = record;
  if (host === undefined) {
    throw bad(`${conn_id}: Bad connection record: Missing keys: host`);
  }
  const port = record.port ?? (tls ? 465 : 25);
  const secure = tls && port === 465;
  return {
    host,
    port,
    secure,
    ...(secure ? {} : tls ? { requireTLS: true } : { ignoreTLS: true }),
    ...(user === undefined
      ? {}
      : { auth: { user, pass: await passwordOf(conn_id, record, context) } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    dnsTimeout: TIMEOUT_MS,
    socketTimeout: 6 * TIMEOUT_MS,
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
