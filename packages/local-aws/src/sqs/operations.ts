import type { AwsRequest } from "../engine.ts";
import type { JsonObject, JsonOperation } from "../protocols/json.ts";
import { checkBatchSize, runBatch } from "./batch.ts";
import type { SqsContext } from "./context.ts";
import { missingParameter } from "./errors.ts";
import { optionalInteger, requiredString, stringList } from "./input.ts";
import { createQueueOperations } from "./queue-operations.ts";
import { type Queue, queueNameOf } from "./queues.ts";
import { receive } from "./receive.ts";
import { renderReceived } from "./render-message.ts";
import { enqueue, type OutgoingMessage, parseMessage } from "./send.ts";
import { changeVisibility, deleteMessage } from "./settle.ts";

/** All operations of SQS, on JSON input. */
export function createOperations(context: SqsContext): Readonly<Record<string, JsonOperation>> {
  const queueOf = (input: JsonObject): Queue => {
    const name = queueNameOf(requiredString(input, "QueueUrl"));
    return context.queues.get(name);
  };
  const timeoutOf = (input: JsonObject): number =>
    optionalInteger(input, "VisibilityTimeout", 0, 43_200) ?? 0;

  return {
    ...createQueueOperations(context, queueOf),

    SendMessage(input, request) {
      const queue = queueOf(input);
      return enqueue(context, queue, [parseMessage(queue, input)], sender(request))[0];
    },

    SendMessageBatch(input, request) {
      const queue = queueOf(input);
      const checked = new Map<string, OutgoingMessage>();
      const { Failed } = runBatch(input, (entry, id) => {
        checked.set(id, parseMessage(queue, entry));
        return {};
      });
      checkBatchSize([...checked.values()].map(({ size }) => size));
      const ids = [...checked.keys()];
      const results = enqueue(context, queue, [...checked.values()], sender(request));
      return { Successful: results.map((result, at) => ({ Id: ids[at], ...result })), Failed };
    },

    async ReceiveMessage(input, request) {
      const name = queueNameOf(requiredString(input, "QueueUrl"));
      const messages = await receive(context, name, {
        max: optionalInteger(input, "MaxNumberOfMessages", 1, 10) ?? 1,
        visibility: optionalInteger(input, "VisibilityTimeout", 0, 43_200),
        wait: optionalInteger(input, "WaitTimeSeconds", 0, 20),
        signal: request.signal,
      });
      if (messages.length === 0) return {};
      const attributes = [
        ...stringList(input, "AttributeNames"),
        ...stringList(input, "MessageSystemAttributeNames"),
      ];
      const names = stringList(input, "MessageAttributeNames");
      return { Messages: messages.map((message) => renderReceived(message, attributes, names)) };
    },

    DeleteMessage(input) {
      deleteMessage(context, queueOf(input), requiredString(input, "ReceiptHandle"));
      return undefined;
    },

    DeleteMessageBatch(input) {
      const queue = queueOf(input);
      return runBatch(input, (entry) => {
        deleteMessage(context, queue, requiredString(entry, "ReceiptHandle"));
        return {};
      });
    },

    ChangeMessageVisibility(input) {
      const handle = requiredString(input, "ReceiptHandle");
      if (input["VisibilityTimeout"] === undefined) throw missingParameter("VisibilityTimeout");
      changeVisibility(context, queueOf(input), handle, timeoutOf(input));
      return undefined;
    },

    ChangeMessageVisibilityBatch(input) {
      const queue = queueOf(input);
      return runBatch(input, (entry) => {
        const handle = requiredString(entry, "ReceiptHandle");
        changeVisibility(context, queue, handle, timeoutOf(entry));
        return {};
      });
    },
  };
}

function sender(request: AwsRequest): string {
  return request.accessKeyId;
}
