import { createHash } from "node:crypto";
import { AwsError } from "../errors.ts";
import type { JsonObject } from "../protocols/json.ts";
import type { SqsContext } from "./context.ts";
import { invalidParameter, missingParameter } from "./errors.ts";
import { optionalInteger, optionalObject, optionalString, requiredString } from "./input.ts";
import {
  attributesMd5,
  attributesSize,
  type MessageAttributes,
  parseMessageAttributes,
} from "./message-attributes.ts";
import { numericAttribute } from "./queue-attributes.ts";
import type { Queue } from "./queues.ts";

/** A message that was checked against its queue. */
export interface OutgoingMessage {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly traceHeader: string | undefined;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  /** Seconds. */
  readonly delay: number;
  readonly size: number;
}

/** What SendMessage answers. */
export interface SendResult {
  readonly MessageId: string;
  readonly MD5OfMessageBody: string;
  readonly MD5OfMessageAttributes: string | undefined;
  readonly MD5OfMessageSystemAttributes: string | undefined;
  readonly SequenceNumber: string | undefined;
}

/** Checks one message of SendMessage or SendMessageBatch. */
export function parseMessage(queue: Queue, input: JsonObject): OutgoingMessage {
  const body = requiredString(input, "MessageBody");
  const attributes = parseMessageAttributes(optionalObject(input, "MessageAttributes"));
  const system = optionalObject(input, "MessageSystemAttributes") ?? {};
  const unknown = Object.keys(system).find((name) => name !== "AWSTraceHeader");
  if (unknown !== undefined) {
    throw invalidParameter(`Message system attribute name '${unknown}' is invalid.`);
  }
  const traceHeader = parseMessageAttributes(system)["AWSTraceHeader"]?.StringValue;
  const delay = optionalInteger(input, "DelaySeconds", 0, 900);
  if (queue.fifo && delay !== undefined && delay > 0) {
    throw invalidParameter(
      `Value ${delay} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    );
  }
  const message = {
    body,
    attributes,
    traceHeader,
    groupId: parseId(input, "MessageGroupId"),
    deduplicationId: parseId(input, "MessageDeduplicationId"),
    delay: delay ?? numericAttribute(queue.attributes, "DelaySeconds"),
    size: Buffer.byteLength(body) + attributesSize(attributes),
  };
  checkMessage(queue, message);
  return { ...message, deduplicationId: deduplicationIdOf(queue, message) };
}

/** Puts checked messages into the queue, all in one unit, and wakes long polls. */
export function enqueue(
  context: SqsContext,
  queue: Queue,
  messages: readonly OutgoingMessage[],
  sender: string,
): SendResult[] {
  const now = context.clock.now();
  const results = context.store.write(() =>
    messages.map((message) => enqueueOne(context, queue, message, sender, now)),
  );
  // A poll that a delayed message wakes only looks again when it will be visible.
  const delayed = messages.some(({ delay }) => delay > 0);
  context.waiters.wake(queue.id, delayed ? undefined : messages.length);
  return results;
}

function enqueueOne(
  { messages, deduplication }: SqsContext,
  queue: Queue,
  message: OutgoingMessage,
  sender: string,
  now: number,
): SendResult {
  const key = queue.fifo ? deduplicationKey(queue, message) : undefined;
  let accepted = key === undefined ? undefined : deduplication.find(queue.id, key, now);
  if (accepted === undefined) {
    const { attributes, delay, ...rest } = message;
    accepted = messages.insert(
      queue.id,
      {
        ...rest,
        attributes: Object.keys(attributes).length === 0 ? undefined : JSON.stringify(attributes),
        sender,
        delay: delay * 1000,
      },
      now,
    );
    if (key !== undefined) deduplication.remember(queue.id, key, accepted, now);
  }
  const trace: MessageAttributes =
    message.traceHeader === undefined
      ? {}
      : { AWSTraceHeader: { DataType: "String", StringValue: message.traceHeader } };
  return {
    MessageId: accepted.messageId,
    MD5OfMessageBody: createHash("md5").update(message.body).digest("hex"),
    MD5OfMessageAttributes: attributesMd5(message.attributes),
    MD5OfMessageSystemAttributes: attributesMd5(trace),
    SequenceNumber: queue.fifo ? sequenceNumber(accepted.id) : undefined,
  };
}

/** The number that FIFO queues give a message: 20 digits, growing. */
export function sequenceNumber(id: number): string {
  return (18_850_000_000_000_000_000n + BigInt(id)).toString();
}

function checkMessage(
  queue: Queue,
  { body, size, groupId }: Pick<OutgoingMessage, "body" | "size" | "groupId">,
): void {
  // oxlint-disable-next-line no-control-regex -- these are what SQS refuses
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(body)) {
    throw new AwsError(
      "InvalidMessageContents",
      "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
      { queryCode: "InvalidMessageContents" },
    );
  }
  const limit = numericAttribute(queue.attributes, "MaximumMessageSize");
  if (size > limit) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`,
    );
  }
  if (queue.fifo && groupId === undefined) throw missingParameter("MessageGroupId");
}

function deduplicationIdOf(
  queue: Queue,
  { body, deduplicationId }: Pick<OutgoingMessage, "body" | "deduplicationId">,
): string | undefined {
  if (!queue.fifo) {
    if (deduplicationId === undefined) return undefined;
    throw invalidParameter(
      `Value ${deduplicationId} for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter that is not valid for this queue type.`,
    );
  }
  if (deduplicationId !== undefined) return deduplicationId;
  if (queue.attributes["ContentBasedDeduplication"]?.toLowerCase() !== "true") {
    throw invalidParameter(
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  }
  return createHash("sha256").update(body).digest("hex");
}

function deduplicationKey(queue: Queue, message: OutgoingMessage): string {
  const id = message.deduplicationId ?? "";
  const perGroup = queue.attributes["DeduplicationScope"] === "messageGroup";
  return perGroup ? JSON.stringify([message.groupId, id]) : id;
}

function parseId(input: JsonObject, name: string): string | undefined {
  const value = optionalString(input, name);
  if (value === undefined) return undefined;
  if (/^[\x21-\x7e]{1,128}$/.test(value)) return value;
  throw invalidParameter(
    `Value ${value} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}
