import type { Delivery, EngineFactory } from "../engine.ts";
import { jsonProtocol } from "../protocols/json.ts";
import { queryProtocol } from "../protocols/query.ts";
import type { SqsContext } from "./context.ts";
import { openDeduplication } from "./deduplication.ts";
import { queueDoesNotExist } from "./errors.ts";
import { openMessages } from "./messages.ts";
import { createOperations } from "./operations.ts";
import { queryOperation } from "./query.ts";
import { numericAttribute } from "./queue-attributes.ts";
import { openQueues, queueNameOf } from "./queues.ts";
import { receive } from "./receive.ts";
import { renderReceived } from "./render-message.ts";
import { enqueue, parseMessage } from "./send.ts";
import { deleteMessage } from "./settle.ts";
import { createWaiters } from "./waiters.ts";

const XML_NAMESPACE = "http://queue.amazonaws.com/doc/2012-11-05/";
const BODY_LIMIT = 4 * 1024 * 1024;
const SWEEP_MS = 60_000;

/** SQS: standard and FIFO queues, in JSON 1.0 and in the older query protocol. */
export const createSqsEngine: EngineFactory = (engineContext) => {
  const context: SqsContext = {
    ...engineContext,
    queues: openQueues(engineContext),
    messages: openMessages(engineContext.store),
    deduplication: openDeduplication(engineContext.store),
    waiters: createWaiters(engineContext.clock),
  };
  const operations = createOperations(context);
  const json = jsonProtocol({
    version: "1.0",
    operations,
    bodyLimit: BODY_LIMIT,
    forgettable: new Set(["ReceiveMessage"]),
  });
  const query = queryProtocol({
    xmlNamespace: XML_NAMESPACE,
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => [name, queryOperation(operation)]),
    ),
    bodyLimit: BODY_LIMIT,
  });
  context.deliveries.register("sqs", (delivery) => receiveDelivery(context, delivery));
  context.deliveries.provide("queues", {
    exists: (arn) => {
      const name = queueNameOf(arn);
      return context.queues.find(name) !== undefined && context.queues.arn(name) === arn;
    },
    async receive(arn, { max, wait, signal }) {
      const messages = await receive(context, queueNameOf(arn), {
        max,
        wait,
        signal,
        visibility: undefined,
      });
      return messages.map((message) => renderReceived(message, ["All"], ["All"]));
    },
    delete: (arn, receiptHandle) =>
      deleteMessage(context, context.queues.get(queueNameOf(arn)), receiptHandle),
  });
  context.background("sqs retention", SWEEP_MS, () => sweep(context));

  return {
    services: ["sqs"],
    errorNamespace: "com.amazonaws.sqs",
    xmlNamespace: XML_NAMESPACE,
    handle: (request) => (request.operation === undefined ? query(request) : json(request)),
    close: () => context.waiters.close(),
  };
};

/** A message of another service (SNS, S3): checked like one that a client sends. */
function receiveDelivery(context: SqsContext, delivery: Delivery): void {
  const name = queueNameOf(delivery.target);
  const queue = context.queues.find(name);
  if (queue === undefined || context.queues.arn(name) !== delivery.target) {
    throw queueDoesNotExist();
  }
  const attributes = Object.entries(delivery.attributes ?? {}).map(([attribute, value]) => [
    attribute,
    {
      DataType: value.dataType,
      StringValue: value.stringValue,
      BinaryValue: value.binaryValue?.toString("base64"),
    },
  ]);
  const message = parseMessage(queue, {
    MessageBody: delivery.body,
    MessageAttributes: Object.fromEntries(attributes),
    MessageGroupId: delivery.groupId,
    MessageDeduplicationId: delivery.deduplicationId,
  });
  enqueue(context, queue, [message], delivery.source);
}

/** Removes what is older than the queues keep it. */
function sweep({ clock, deduplication, messages, queues, store }: SqsContext): void {
  const now = clock.now();
  deduplication.forgetOld(now);
  for (const queue of queues.all()) {
    const sentUntil = now - 1000 * numericAttribute(queue.attributes, "MessageRetentionPeriod");
    if (!messages.hasExpired(queue.id, sentUntil)) continue;
    store.write(() => messages.expire(queue.id, sentUntil));
  }
}
