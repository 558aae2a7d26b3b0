import { LavaError } from "@lava/core";
import { type ActionContext, defineAction } from "../action.ts";

/** `email`: sends a mail, by a connection or by SES directly (ACT-email-01, 02). */
export const email = defineAction({
  type: "email",
  async run(action, context, result) {
    const render = (text: string, ...path: (string | number)[]): string =>
      context.render(text, { result }, { path });
    const subject = render(action.subject, "subject");
    const message = render(action.message, "message");
    const to = typeof action.to === "string" ? [action.to] : [...action.to];
    if (action.email_conn) {
      const { connectMail } = await import("@lava/connectors");
      const { realm, tmpdir, job } = context;
      await using mailer = await connectMail(action.email_conn, {
        realm,
        tmpdir,
        job_id: job.job_id,
      });
      const attachments = (action.attachments ?? []).map((file, index) =>
        render(file, "attachments", index),
      );
      await mailer.send({ to, subject, message, from: action.from, attachments });
      return;
    }
    if (action.attachments !== undefined && action.attachments.length > 0) {
      throw new LavaError("BAD_EMAIL", "email_conn must be specified to enable attachments", {
        retry: "never",
      });
    }
    const { config, clients } = context.realm;
    const ses = await clients.ses(action.region || config.SES_REGION || "us-east-1");
    const Source = action.from || config.SES_FROM || (await guessSender(ses, context));
    const { SendEmailCommand } = await import("@aws-sdk/client-ses");
    const body = { Data: message, Charset: "UTF-8" };
    await ses.send(
      new SendEmailCommand({
        Source,
        Destination: { ToAddresses: to },
        Message: {
          Subject: { Data: subject, Charset: "UTF-8" },
          Body: /^<html>/i.test(message) ? { Html: body } : { Text: body },
        },
      }),
      { abortSignal: context.signal },
    );
  },
});

/** An address of the first domain that SES has verified. */
async function guessSender(
  ses: Awaited<ReturnType<ActionContext["realm"]["clients"]["ses"]>>,
  { realm }: ActionContext,
): Promise<string> {
  const { ListIdentitiesCommand } = await import("@aws-sdk/client-ses");
  const { Identities = [] } = await ses.send(new ListIdentitiesCommand({ IdentityType: "Domain" }));
  const [domain] = Identities;
  if (domain !== undefined) return `lava.${realm.name}@${domain}`;
  throw new LavaError("BAD_EMAIL", "No verified SES domains", {
    retry: "never",
    hint: "Give the action a from, or set SES_FROM.",
  });
}
