import type { QueuedMessage } from "../engine.ts";
import { attributesMd5, selectAttributes, storedAttributes } from "./message-attributes.ts";
import type { ReceivedMessage } from "./messages.ts";
import { sequenceNumber } from "./send.ts";

/** A message as ReceiveMessage gives it, with the attributes that were asked for. */
export function renderReceived(
  message: ReceivedMessage,
  systemNames: readonly string[],
  attributeNames: readonly string[],
): QueuedMessage {
  const attributes = selectAttributes(storedAttributes(message.attributes), attributeNames);
  const system = systemAttributes(message, systemNames);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: message.bodyMd5,
    Body: message.body,
    ...(Object.keys(system).length > 0 ? { Attributes: system } : {}),
    ...(Object.keys(attributes).length > 0
      ? { MessageAttributes: attributes, MD5OfMessageAttributes: attributesMd5(attributes) }
      : {}),
  };
}

function systemAttributes(
  message: ReceivedMessage,
  names: readonly string[],
): Record<string, string> {
  if (names.length === 0) return {};
  const all: Record<string, string | undefined> = {
    SenderId: message.sender,
    SentTimestamp: String(message.sent),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceived),
    MessageGroupId: message.groupId,
    MessageDeduplicationId: message.deduplicationId,
    // Only FIFO queues store a deduplication id.
    SequenceNumber: message.deduplicationId === undefined ? undefined : sequenceNumber(message.id),
    AWSTraceHeader: message.traceHeader,
    DeadLetterQueueSourceArn: message.sourceArn,
  };
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && (names.includes("All") || names.includes(name))) {
      result[name] = value;
    }
  }
  return result;
}
