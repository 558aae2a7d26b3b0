import { createHash, randomUUID } from "node:crypto";
import type { DeliveryAttribute, EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { isJsonObject } from "../protocols/json.ts";
import type { QueryInput } from "../protocols/query.ts";
import { invalidParameter } from "./errors.ts";
import { parseFilterPolicy } from "./filter-policy.ts";
import type { Subscription, Topic, Topics } from "./topics.ts";

/** A message to a topic, checked. */
export interface Publication {
  /** What each protocol gets; `default` is always there. */
  readonly texts: Readonly<Record<string, string>>;
  readonly subject: string | undefined;
  readonly attributes: Readonly<Record<string, DeliveryAttribute>>;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
}

const MAX_BYTES = 262_144;

/** Reads Publish, or one entry of PublishBatch. */
export function parsePublication(topic: Topic, input: QueryInput): Publication {
  const message = input.get("Message") ?? "";
  if (message === "") throw invalidParameter("Empty message");
  if (Buffer.byteLength(message) > MAX_BYTES) throw invalidParameter("Message too long");
  const subject = input.get("Subject");
  // oxlint-disable-next-line no-control-regex -- a subject is one line of printable text
  if (subject !== undefined && !/^[^\s\u0000-\u001f][^\u0000-\u001f]{0,99}$/.test(subject)) {
    throw invalidParameter("Subject");
  }
  const groupId = input.get("MessageGroupId");
  if (topic.fifo && groupId === undefined) {
    throw invalidParameter("The MessageGroupId parameter is required for FIFO topics");
  }
  return {
    texts: parseTexts(message, input.get("MessageStructure")),
    subject,
    attributes: Object.fromEntries(input.structures("MessageAttributes").map(parseAttribute)),
    groupId,
    deduplicationId: deduplicationIdOf(topic, message, input.get("MessageDeduplicationId")),
  };
}

/** Hands a message to the subscriptions that want it; gives its id. */
export function publish(
  context: EngineContext,
  topics: Topics,
  topic: Topic,
  publication: Publication,
): string {
  const messageId = randomUUID();
  const timestamp = new Date(context.clock.now()).toISOString();
  for (const subscription of topics.listSubscriptions(topic.arn, "", -1)) {
    if (!isWanted(subscription, publication)) continue;
    const { protocol, attributes } = subscription;
    const text = publication.texts[protocol] ?? publication.texts["default"] ?? "";
    // Functions always get the envelope.
    const raw = protocol === "sqs" && attributes["RawMessageDelivery"] === "true";
    try {
      context.deliveries.deliver({
        target: subscription.endpoint,
        source: topic.arn,
        body: raw
          ? text
          : envelope(context.endpoint(), subscription, publication, text, messageId, timestamp),
        attributes: raw ? publication.attributes : undefined,
        groupId: publication.groupId,
        deduplicationId: subscription.endpoint.endsWith(".fifo")
          ? publication.deduplicationId
          : undefined,
      });
    } catch (error) {
      // As in SNS: a publisher never hears of a subscriber that has gone.
      if (!(error instanceof AwsError)) throw error;
      const fields = { subscription: subscription.arn, error: error.message };
      context.logger.warn(fields, "sns message could not be delivered");
    }
  }
  return messageId;
}

function envelope(
  endpoint: string,
  subscription: Subscription,
  { attributes, subject }: Publication,
  text: string,
  messageId: string,
  timestamp: string,
): string {
  const entries = Object.entries(attributes).map(([name, value]) => [
    name,
    { Type: value.dataType, Value: value.stringValue ?? value.binaryValue?.toString("base64") },
  ]);
  return JSON.stringify({
    Type: "Notification",
    MessageId: messageId,
    TopicArn: subscription.topic,
    ...(subject === undefined ? {} : { Subject: subject }),
    Message: text,
    Timestamp: timestamp,
    SignatureVersion: "1",
    Signature: "bm90IHNpZ25lZA==",
    SigningCertURL: `${endpoint}/not-signed.pem`,
    UnsubscribeURL: `${endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`,
    ...(entries.length === 0 ? {} : { MessageAttributes: Object.fromEntries(entries) }),
  });
}

function parseTexts(
  message: string,
  structure: string | undefined,
): Readonly<Record<string, string>> {
  if (structure === undefined) return { default: message };
  if (structure !== "json") throw invalidParameter("MessageStructure");
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    throw invalidParameter("Message Structure - JSON message body failed to parse");
  }
  if (!isJsonObject(value) || typeof value["default"] !== "string") {
    throw invalidParameter("Message Structure - No default entry in JSON message body");
  }
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(value))
    if (typeof text === "string") texts[name] = text;
  return texts;
}

function parseAttribute(item: QueryInput): [string, DeliveryAttribute] {
  const name = item.get("Name") ?? "";
  const dataType = item.get("Value.DataType") ?? "";
  const stringValue = item.get("Value.StringValue");
  const binary = item.get("Value.BinaryValue");
  if (!/^(String|Number|Binary)(\.|$)/.test(dataType)) {
    throw new AwsError(
      "ParameterValueInvalid",
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  if ((dataType.startsWith("Binary") ? binary : stringValue) === undefined) {
    throw new AwsError(
      "ParameterValueInvalid",
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${dataType}'.`,
    );
  }
  return [
    name,
    binary === undefined
      ? { dataType, stringValue }
      : { dataType, binaryValue: Buffer.from(binary, "base64") },
  ];
}

function deduplicationIdOf(
  topic: Topic,
  message: string,
  given: string | undefined,
): string | undefined {
  if (!topic.fifo || given !== undefined) return given;
  if (topic.attributes["ContentBasedDeduplication"] === "true") {
    return createHash("sha256").update(message).digest("hex");
  }
  throw invalidParameter(
    "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
  );
}

function isWanted({ attributes }: Subscription, publication: Publication): boolean {
  const policy = attributes["FilterPolicy"];
  if (policy === undefined) return true;
  if (attributes["FilterPolicyScope"] === "MessageBody") {
    const body = parseBody(publication.texts["default"] ?? "");
    return parseFilterPolicy(policy)((path) =>
      path.reduce<unknown>(
        (value, name) =>
          isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined,
        body,
      ),
    );
  }
  return parseFilterPolicy(policy)(([name = "", ...deeper]) =>
    deeper.length === 0 && Object.hasOwn(publication.attributes, name)
      ? attributeValue(publication.attributes[name])
      : undefined,
  );
}

function attributeValue(attribute: DeliveryAttribute | undefined): unknown {
  if (attribute?.dataType.startsWith("Number")) return Number(attribute.stringValue);
  if (attribute?.dataType === "String.Array") return parseBody(attribute.stringValue ?? "");
  return attribute?.stringValue;
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
