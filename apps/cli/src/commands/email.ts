import { LavaError } from "@lava/core";
import { collect } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { readStart } from "../read-start.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";

interface EmailOptions extends RealmOptions {
  readonly connId: string;
  readonly attach?: string[];
  readonly to?: string[];
  readonly cc?: string[];
  readonly bcc?: string[];
  readonly replyTo?: string[];
  readonly from?: string;
  readonly subject: string;
  readonly html?: string;
  readonly text?: string;
}

/** Bytes of a body that are sent (CLI-105). */
const BODY_SIZE = 2 * 1024 * 1024;

/** `lava email`: the original's `lava-email` (CLI-104 to CLI-109). */
export const registerEmail: Register = (program, context) => {
  addRealmOptions(
    program
      .command("email")
      .description("send a mail by a connection")
      .argument("[file]", "the text, or HTML if it begins so (default: stdin)")
      .requiredOption("-c, --conn-id <id>", "the connection")
      .option("-a, --attach <file>", "file or s3://bucket/key to attach (repeatable)", collect)
      .option("--to <address>", "recipient (repeatable)", collect)
      .option("--cc <address>", "copy (repeatable)", collect)
      .option("--bcc <address>", "blind copy (repeatable)", collect)
      .option("--reply-to <address>", "address for replies (repeatable)", collect)
      .option("--from <address>", "sender (default: the connection's)")
      .requiredOption("-s, --subject <text>", "subject")
      .option("--html <file>", "the same as FILE")
      .option("--text <file>", "the same as FILE"),
  ).action((file: string | undefined, options: EmailOptions) => email(file, options, context));
};

async function email(
  file: string | undefined,
  options: EmailOptions,
  context: CliContext,
): Promise<void> {
  const bodies = [file, options.html, options.text].filter((name) => name !== undefined);
  if (bodies.length > 1) {
    throw new LavaError("BAD_OPTIONS", "Only one of --html, --text and FILE can be given", {
      kind: "usage",
    });
  }
  const { to = [], cc = [], bcc = [] } = options;
  if (to.length + cc.length === 0) {
    throw new LavaError("BAD_OPTIONS", "No recipient: give --to or --cc, with or without --bcc", {
      kind: "usage",
    });
  }
  const message = await readStart(bodies[0], BODY_SIZE, context);
  const { connectMail } = await import("@lava/connectors");
  await withRealm(options, context, async (realm, { env }) => {
    const job_id = env["LAVA_JOB_ID"];
    const at = { realm, env, job_id, tmpdir: context.cwd };
    await using mail = await connectMail(options.connId, at);
    await mail.send({
      to,
      cc,
      bcc,
      subject: options.subject,
      message,
      from: options.from,
      reply_to: options.replyTo,
      attachments: options.attach,
    });
  });
}
