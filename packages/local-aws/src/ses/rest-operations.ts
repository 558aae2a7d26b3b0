import type { AwsRequest, AwsResponse } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";
import { objectOf, required, textOf, textsOf } from "../protocols/input.ts";
import { isJsonObject, type JsonObject } from "../protocols/json.ts";
import type { Ses } from "./ses.ts";

/** The second version of the API of SES (REST and JSON), as far as it is needed. */
export async function handleSesRest(ses: Ses, request: AwsRequest): Promise<AwsResponse> {
  const path = decodeURIComponent(request.path.replace(/^\/v2\/email\//, ""));
  const call = `${request.method} ${path}`;
  const named = /^(GET|DELETE) identities\/(.+)$/.exec(call);
  if (call === "POST outbound-emails") return answer(send(ses, await readJson(request), request));
  // Older clients list by GET, newer ones by POST.
  if (call === "GET identities" || call === "POST list-identities") {
    return answer({ EmailIdentities: ses.listIdentities().map((name) => identity(name)) });
  }
  if (call === "POST identities") {
    const name = required(textOf(await readJson(request), "EmailIdentity"), "EmailIdentity");
    ses.addIdentity(name);
    return answer({ IdentityType: typeOf(name), VerifiedForSendingStatus: true });
  }
  if (call === "POST configuration-sets") {
    const name = textOf(await readJson(request), "ConfigurationSetName");
    ses.addConfigurationSet(required(name, "ConfigurationSetName"));
    return answer({});
  }
  if (call === "GET account") {
    const SendQuota = { Max24HourSend: 50_000, MaxSendRate: 14, SentLast24Hours: ses.sent() };
    return answer({ ProductionAccessEnabled: true, SendingEnabled: true, SendQuota });
  }
  const name = named?.[2];
  if (name === undefined) throw notImplemented("ses", `${request.method} ${request.path}`);
  if (!ses.hasIdentity(name)) {
    throw new AwsError("NotFoundException", `Email identity ${name} does not exist.`, {
      status: 404,
    });
  }
  if (named?.[1] === "GET") {
    return answer({ IdentityType: typeOf(name), VerifiedForSendingStatus: true });
  }
  ses.removeIdentity(name);
  return answer({});
}

function send(ses: Ses, input: JsonObject, { region }: AwsRequest): object {
  const destination = objectOf(input, "Destination") ?? {};
  const content = required(objectOf(input, "Content"), "Content");
  const raw = objectOf(content, "Raw");
  const simple = objectOf(content, "Simple");
  if (raw === undefined && simple === undefined) {
    throw badRequest("The message has neither Simple nor Raw content.");
  }
  try {
    const MessageId = ses.send({
      region,
      from: textOf(input, "FromEmailAddress"),
      to: textsOf(destination, "ToAddresses") ?? [],
      cc: textsOf(destination, "CcAddresses") ?? [],
      bcc: textsOf(destination, "BccAddresses") ?? [],
      replyTo: textsOf(input, "ReplyToAddresses") ?? [],
      returnPath: textOf(input, "FeedbackForwardingEmailAddress"),
      configurationSet: textOf(input, "ConfigurationSetName"),
      content:
        raw === undefined
          ? parts(simple ?? {})
          : { raw: Buffer.from(required(textOf(raw, "Data"), "Data"), "base64") },
    });
    return { MessageId };
  } catch (error) {
    if (error instanceof AwsError && error.code === "ConfigurationSetDoesNotExist") {
      throw new AwsError("NotFoundException", error.message, { status: 404 });
    }
    throw error instanceof AwsError ? badRequest(error.message) : error;
  }
}

function parts(simple: JsonObject) {
  const data = (from: JsonObject, name: string): string | undefined => {
    const part = objectOf(from, name);
    return part === undefined ? undefined : textOf(part, "Data");
  };
  const body = objectOf(simple, "Body") ?? {};
  return {
    subject: data(simple, "Subject") ?? "",
    text: data(body, "Text"),
    html: data(body, "Html"),
  };
}

const typeOf = (name: string): string => (name.includes("@") ? "EMAIL_ADDRESS" : "DOMAIN");

function identity(name: string): object {
  return {
    IdentityName: name,
    IdentityType: typeOf(name),
    SendingEnabled: true,
    VerificationStatus: "SUCCESS",
  };
}

function badRequest(message: string): AwsError {
  return new AwsError("BadRequestException", message);
}

function answer(body: object): AwsResponse {
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

async function readJson(request: AwsRequest): Promise<JsonObject> {
  const body = await request.readBody(64 * 1024 * 1024);
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw badRequest("The request is not JSON.");
  }
  if (!isJsonObject(value)) throw badRequest("The request is not a JSON object.");
  return value;
}
