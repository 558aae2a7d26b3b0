import { LavaError, parseSize } from "@lava/core";
import type { ConnectorContext } from "../connector.ts";
import { loadAttachments } from "./attachments.ts";
import type { MailMessage } from "./client.ts";

/** A message ready to travel (WF-224). */
export interface ComposedMail {
  readonly from: string;
  /** Everybody it goes to, blind copies included. */
  readonly recipients: readonly string[];
  readonly raw: Buffer;
}

/** What a connection adds to a mail that does not say it. */
export interface MailDefaults {
  readonly from?: string | undefined;
  readonly reply_to?: string | readonly string[] | undefined;
}

/**
 * Checks a mail and makes its message; blind copies are not in it (CON-email-02 to CON-email-04).
 *
 * @throws {LavaError} BAD_EMAIL
 */
export async function composeMail(
  mail: MailMessage,
  defaults: MailDefaults,
  context: ConnectorContext,
): Promise<ComposedMail> {
  const from = mail.from || defaults.from;
  if (!from) throw bad("Email sender must be specified");
  const [to, cc, bcc] = [listOf(mail.to), listOf(mail.cc), listOf(mail.bcc)];
  if (to.length === 0 && cc.length === 0) throw bad("No recipients specified for email");
  if (mail.subject === "" || mail.message === "") {
    throw bad("Cannot send email: subject and message must be specified");
  }
  const replyTo = listOf(mail.reply_to ?? defaults.reply_to);
  const attachments = await loadAttachments(mail.attachments ?? [], context);
  const { createTransport } = await import("nodemailer");
  const { message } = await createTransport({ streamTransport: true, buffer: true }).sendMail({
    from,
    subject: mail.subject,
    ...(to.length === 0 ? {} : { to }),
    ...(cc.length === 0 ? {} : { cc }),
    ...(replyTo.length === 0 ? {} : { replyTo }),
    ...(isHtml(mail.message) ? { html: mail.message } : { text: mail.message }),
    attachments,
    // What was read is all that may be in the mail: no paths, no addresses of the web.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const raw = Buffer.isBuffer(message) ? message : Buffer.alloc(0);
  const limit = parseSize(context.realm.config.EMAIL_MAX_SIZE);
  if (raw.length > limit) {
    throw bad(`Email size ${raw.length} bytes exceeds maximum allowed size of ${limit} bytes`);
  }
  return { from, recipients: [...to, ...cc, ...bcc], raw };
}

/** CON-email-03. */
export function isHtml(message: string): boolean {
  return /^\s*<(?:html|!doctype html)/i.test(message);
}

function listOf(value: string | readonly string[] | undefined): string[] {
  if (value === undefined || value === "") return [];
  return typeof value === "string" ? [value] : [...value];
}

function bad(message: string): LavaError {
  return new LavaError("BAD_EMAIL", message, { retry: "never" });
}
