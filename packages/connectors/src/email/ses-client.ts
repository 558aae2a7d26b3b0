import { errorText, LavaError } from "@lava/core";
import type { ConnectorContext } from "../connector.ts";
import type { MailClient } from "./client.ts";
import { composeMail } from "./compose.ts";
import type { MailRecord } from "./mail-record.ts";

/**
 * Mail by SES: SendRawEmail to all recipients (CON-email-05). The first version of the API, since the roles of
 * deployed workers allow its calls and no others.
 */
export function createSesClient(
  conn_id: string,
  record: MailRecord,
  context: ConnectorContext,
): MailClient {
  const { clients, config } = context.realm;
  const configurationSet = record.configuration_set ?? config.SES_CONFIGURATION_SET;
  return {
    async send(mail) {
      const { recipients, raw, from } = await composeMail(
        mail,
        { from: record.from ?? config.SES_FROM, reply_to: record.reply_to },
        context,
      );
      const ses = await clients.ses(record.region ?? config.SES_REGION ?? "us-east-1");
      const { SendRawEmailCommand } = await import("@aws-sdk/client-ses");
      try {
        const { MessageId } = await ses.send(
          new SendRawEmailCommand({
            Destinations: [...recipients],
            RawMessage: { Data: raw },
            // Bounces go to the envelope's sender; without one of its own that is the From header.
            ...(record.return_path === undefined ? {} : { Source: record.return_path }),
            ...(configurationSet === undefined ? {} : { ConfigurationSetName: configurationSet }),
          }),
        );
        context.logger.debug({ conn_id, from, message_id: MessageId }, "mail sent");
        return { messageId: MessageId };
      } catch (error) {
        throw new LavaError("EMAIL_FAILED", `${conn_id}: ${errorText(error)}`, { cause: error });
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** Who may send: asks SES for the identities of the account. */
export async function checkSes(
  record: MailRecord,
  { realm }: ConnectorContext,
): Promise<{ server: string; details: { region: string; identities: string[] } }> {
  const region = record.region ?? realm.config.SES_REGION ?? "us-east-1";
  const ses = await realm.clients.ses(region);
  const { ListIdentitiesCommand } = await import("@aws-sdk/client-ses");
  const { Identities = [] } = await ses.send(new ListIdentitiesCommand({}));
  return { server: `SES ${region}`, details: { region, identities: Identities } };
}
