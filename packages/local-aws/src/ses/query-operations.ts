import type { AwsRequest } from "../engine.ts";
import { AwsError } from "../errors.ts";
import type { QueryInput, QueryOperation, QueryOutput } from "../protocols/query.ts";
import type { Ses } from "./ses.ts";

/** The operations of SES as the first version of its API has them (query protocol). */
export function sesQueryOperations(ses: Ses): Readonly<Record<string, QueryOperation>> {
  const required = (input: QueryInput, name: string): string => {
    const value = input.get(name);
    if (value !== undefined && value !== "") return value;
    throw new AwsError(
      "ValidationError",
      `Value null at '${name}' failed to satisfy constraint: Member must not be null`,
    );
  };
  const sendEmail = (input: QueryInput, request: AwsRequest): QueryOutput => {
    const subject = required(input, "Message.Subject.Data");
    const text = input.get("Message.Body.Text.Data");
    const html = input.get("Message.Body.Html.Data");
    if (text === undefined && html === undefined) {
      throw new AwsError("InvalidParameterValue", "Message body is empty");
    }
    return {
      MessageId: ses.send({
        region: request.region,
        from: required(input, "Source"),
        to: input.list("Destination.ToAddresses"),
        cc: input.list("Destination.CcAddresses"),
        bcc: input.list("Destination.BccAddresses"),
        replyTo: input.list("ReplyToAddresses"),
        returnPath: input.get("ReturnPath"),
        configurationSet: input.get("ConfigurationSetName"),
        content: { subject, text, html },
      }),
    };
  };
  const sendRawEmail = (input: QueryInput, request: AwsRequest): QueryOutput => ({
    MessageId: ses.send({
      region: request.region,
      from: input.get("Source"),
      to: input.list("Destinations"),
      cc: [],
      bcc: [],
      replyTo: [],
      configurationSet: input.get("ConfigurationSetName"),
      content: { raw: Buffer.from(required(input, "RawMessage.Data"), "base64") },
    }),
  });
  const isDomain = (name: string): boolean => !name.includes("@");
  return {
    SendEmail: sendEmail,
    SendRawEmail: sendRawEmail,
    ListIdentities(input) {
      const type = input.get("IdentityType");
      const names = ses
        .listIdentities()
        .filter((name) => type === undefined || isDomain(name) === (type === "Domain"));
      return { Identities: { member: names } };
    },
    VerifyDomainIdentity(input) {
      ses.addIdentity(required(input, "Domain"));
      return { VerificationToken: "verified-at-once" };
    },
    VerifyEmailIdentity(input) {
      ses.addIdentity(required(input, "EmailAddress"));
      return {};
    },
    DeleteIdentity(input) {
      ses.removeIdentity(required(input, "Identity"));
      return {};
    },
    GetIdentityVerificationAttributes(input) {
      const entry = input
        .list("Identities")
        .filter((name) => ses.hasIdentity(name))
        .map((key) => ({ key, value: { VerificationStatus: "Success" } }));
      return { VerificationAttributes: { entry } };
    },
    CreateConfigurationSet(input) {
      ses.addConfigurationSet(required(input, "ConfigurationSet.Name"));
      return {};
    },
    GetSendQuota: () => ({
      Max24HourSend: "50000.0",
      MaxSendRate: "14.0",
      SentLast24Hours: `${ses.sent()}.0`,
    }),
  };
}
