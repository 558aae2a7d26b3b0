import { AwsError } from "../errors.ts";
import type { JsonObject, JsonOperation } from "../protocols/json.ts";
import type { SqsContext } from "./context.ts";
import { invalidAttributeName, invalidAttributeValue, invalidParameter } from "./errors.ts";
import { optionalInteger, optionalString, requiredString, stringList, stringMap } from "./input.ts";
import {
  checkQueueAttributes,
  effectiveAttributes,
  mergeQueueAttributes,
  numericAttribute,
  parseRedrivePolicy,
  type QueueAttributes,
} from "./queue-attributes.ts";
import { type Queue, queueNameOf } from "./queues.ts";

/** Operations on queues as a whole. */
export function createQueueOperations(
  context: SqsContext,
  queueOf: (input: JsonObject) => Queue,
): Readonly<Record<string, JsonOperation>> {
  const { clock, deduplication, messages, queues, store, waiters } = context;

  return {
    CreateQueue(input) {
      const name = requiredString(input, "QueueName");
      const attributes = stringMap(input, "Attributes");
      const fifo = checkName(name, attributes);
      checkQueueAttributes(attributes, fifo);
      const existing = queues.find(name);
      if (existing !== undefined) checkSameAttributes(existing, attributes);
      else {
        checkRedrive(context, name, attributes);
        const queue = {
          name,
          attributes: mergeQueueAttributes({}, attributes),
          tags: stringMap(input, "tags"),
        };
        store.write(() => queues.insert(queue, clock.now()));
      }
      return { QueueUrl: queues.url(name) };
    },

    GetQueueUrl: (input) => ({
      QueueUrl: queues.url(queues.get(requiredString(input, "QueueName")).name),
    }),

    GetQueueAttributes(input) {
      const queue = queueOf(input);
      const names = stringList(input, "AttributeNames");
      const all = allAttributes(context, queue);
      const unknown = names.find((name) => name !== "All" && !KNOWN.has(name));
      if (unknown !== undefined) throw invalidAttributeName(unknown);
      const wanted = Object.entries(all).filter(
        ([name]) => names.includes("All") || names.includes(name),
      );
      return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
    },

    SetQueueAttributes(input) {
      const queue = queueOf(input);
      const changes = stringMap(input, "Attributes");
      checkQueueAttributes(changes, queue.fifo);
      if ((changes["FifoQueue"] ?? String(queue.fifo)) !== String(queue.fifo)) {
        throw invalidAttributeValue("FifoQueue");
      }
      checkRedrive(context, queue.name, changes);
      const attributes = mergeQueueAttributes(queue.attributes, changes);
      store.write(() => queues.setAttributes(queue.id, attributes, clock.now()));
      waiters.wake(queue.id);
      return undefined;
    },

    ListQueues(input) {
      const limit = optionalInteger(input, "MaxResults", 1, 1000);
      const after = optionalString(input, "NextToken");
      const found = queues.list(
        optionalString(input, "QueueNamePrefix") ?? "",
        after === undefined ? "" : Buffer.from(after, "base64url").toString(),
        (limit ?? 1000) + 1,
      );
      const page = found.slice(0, limit ?? 1000);
      const last = page.at(-1)?.name ?? "";
      return {
        ...(page.length > 0 ? { QueueUrls: page.map(({ name }) => queues.url(name)) } : {}),
        ...(limit !== undefined && found.length > page.length
          ? { NextToken: Buffer.from(last).toString("base64url") }
          : {}),
      };
    },

    ListDeadLetterSourceQueues(input) {
      const arn = queues.arn(queueOf(input).name);
      const sources = queues
        .all()
        .filter(
          ({ attributes }) =>
            parseRedrivePolicy(attributes["RedrivePolicy"])?.deadLetterTargetArn === arn,
        );
      return { queueUrls: sources.map(({ name }) => queues.url(name)) };
    },

    DeleteQueue(input) {
      const queue = queueOf(input);
      store.write(() => {
        messages.purge(queue.id);
        deduplication.forgetQueue(queue.id);
        queues.delete(queue.id);
      });
      waiters.wake(queue.id);
      return undefined;
    },

    PurgeQueue(input) {
      const queue = queueOf(input);
      store.write(() => messages.purge(queue.id));
      return undefined;
    },

    ListQueueTags: (input) => ({ Tags: queueOf(input).tags }),

    TagQueue(input) {
      const queue = queueOf(input);
      const tags = { ...queue.tags, ...stringMap(input, "Tags") };
      if (Object.keys(tags).length > 50) throw invalidParameter("Too many tags added for queue.");
      store.write(() => queues.setTags(queue.id, tags));
      return undefined;
    },

    UntagQueue(input) {
      const queue = queueOf(input);
      const gone = stringList(input, "TagKeys");
      const tags = Object.entries(queue.tags).filter(([key]) => !gone.includes(key));
      store.write(() => queues.setTags(queue.id, Object.fromEntries(tags)));
      return undefined;
    },
  };
}

const COUNTED = [
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
];

const KNOWN = new Set([
  ...COUNTED,
  ...Object.keys(effectiveAttributes({}, true)),
  "CreatedTimestamp",
  "LastModifiedTimestamp",
  "QueueArn",
  "Policy",
  "RedrivePolicy",
  "RedriveAllowPolicy",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds",
]);

function allAttributes(context: SqsContext, queue: Queue): QueueAttributes {
  const { clock, messages, queues } = context;
  const retention = 1000 * numericAttribute(queue.attributes, "MessageRetentionPeriod");
  const counts = messages.counts(queue.id, clock.now(), clock.now() - retention);
  return {
    ...effectiveAttributes(queue.attributes, queue.fifo),
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: String(Math.floor(queue.created / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modified / 1000)),
    QueueArn: queues.arn(queue.name),
  };
}

/** Checks the name of a new queue; true for a FIFO queue. */
function checkName(name: string, attributes: QueueAttributes): boolean {
  const fifo = attributes["FifoQueue"]?.toLowerCase() === "true";
  if (name.length > 80 || !/^[\w-]+(\.fifo)?$/.test(name)) {
    throw invalidParameter(
      "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    );
  }
  if (name.endsWith(".fifo") && !fifo) {
    throw invalidParameter(
      "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.",
    );
  }
  if (fifo && !name.endsWith(".fifo")) {
    throw invalidParameter("The name of a FIFO queue must end with .fifo suffix.");
  }
  if (attributes["FifoQueue"] !== undefined && !fifo) throw invalidAttributeName("FifoQueue");
  return fifo;
}

/** CreateQueue of an existing queue must not ask for other attributes than it has. */
function checkSameAttributes(queue: Queue, attributes: QueueAttributes): void {
  const present = effectiveAttributes(queue.attributes, queue.fifo);
  for (const [name, value] of Object.entries(attributes)) {
    if ((present[name] ?? "") === value) continue;
    throw new AwsError(
      "QueueNameExists",
      `A queue already exists with the same name and a different value for attribute ${name}`,
      { queryCode: "QueueAlreadyExists" },
    );
  }
}

/** A dead-letter queue must exist and be of the same kind. */
function checkRedrive({ queues }: SqsContext, name: string, attributes: QueueAttributes): void {
  const policy = attributes["RedrivePolicy"];
  const redrive = parseRedrivePolicy(policy);
  if (redrive === undefined) return;
  const target = queueNameOf(redrive.deadLetterTargetArn);
  if (queues.arn(target) !== redrive.deadLetterTargetArn || queues.find(target) === undefined) {
    throw invalidParameter(
      `Value ${policy} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.`,
    );
  }
  if (target.endsWith(".fifo") !== name.endsWith(".fifo")) {
    throw invalidParameter(
      `Value ${policy} for parameter RedrivePolicy is invalid. Reason: Dead-letter queue must be same type of queue as the source.`,
    );
  }
}
