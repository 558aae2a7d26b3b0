/** A file of a mail: a path on this machine, `s3://bucket/key`, or a name and its content. */
export type Attachment = string | { readonly name: string; readonly content: string | Uint8Array };

/** One mail. */
export interface MailMessage {
  readonly to?: string | readonly string[] | undefined;
  readonly cc?: string | readonly string[] | undefined;
  readonly bcc?: string | readonly string[] | undefined;
  readonly subject: string;
  /** Sent as HTML when it begins with `<html` or `<!doctype html` (CON-email-03). */
  readonly message: string;
  /** The connection's sender where absent. */
  readonly from?: string | undefined;
  /** The connection's address for replies where absent. */
  readonly reply_to?: string | readonly string[] | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
}

/** What sends mail, whatever carries it. */
export interface MailClient extends AsyncDisposable {
  /**
   * Sends one mail.
   *
   * @returns the id that the other side gave it, if it gave one
   * @throws {LavaError} BAD_EMAIL, EMAIL_FAILED, LOGIN_FAILED, CONNECTION_FAILED
   */
  send(mail: MailMessage): Promise<{ readonly messageId: string | undefined }>;
}
