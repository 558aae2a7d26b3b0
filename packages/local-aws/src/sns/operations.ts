import { randomUUID } from "node:crypto";
import type { EngineContext } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";
import type { QueryInput, QueryOperation } from "../protocols/query.ts";
import { invalidParameter, notFound } from "./errors.ts";
import { parseFilterPolicy } from "./filter-policy.ts";
import { parsePublication, publish } from "./publish.ts";
import type { Subscription, TextMap, Topic, Topics } from "./topics.ts";

const PAGE = 100;
/** ARNs of what can subscribe, by protocol. */
const ENDPOINTS = {
  sqs: /^arn:[^:]+:sqs:[^:]*:\d{12}:[\w-]+(\.fifo)?$/,
  lambda: /^arn:[^:]+:lambda:[^:]*:\d{12}:function:[\w-]+(:[\w$-]+)?$/,
};
const TOPIC_ATTRIBUTES = [
  "DisplayName",
  "Policy",
  "KmsMasterKeyId",
  "FifoTopic",
  "ContentBasedDeduplication",
  "SignatureVersion",
  "TracingConfig",
];

/** All operations of SNS. */
export function createOperations(
  context: EngineContext,
  topics: Topics,
): Readonly<Record<string, QueryOperation>> {
  const { accountId, store } = context;
  const topicOf = (input: QueryInput): Topic => topics.get(required(input, "TopicArn"));
  const subscriptionOf = (input: QueryInput): Subscription => {
    const found = topics.findSubscription(required(input, "SubscriptionArn"));
    if (found === undefined) throw notFound("Subscription");
    return found;
  };

  return {
    CreateTopic(input) {
      const name = required(input, "Name");
      const attributes = Object.fromEntries(input.map("Attributes"));
      checkTopic(name, attributes);
      const tags = Object.fromEntries(input.map("Tags", "Key", "Value"));
      const arn = topics.arn(name);
      const existing = topics.find(arn);
      if (existing === undefined) store.write(() => topics.put({ arn, attributes, tags }));
      else
        checkSame(
          existing.attributes,
          attributes,
          "Topic already exists with different attributes",
        );
      return { TopicArn: arn };
    },

    DeleteTopic(input) {
      const arn = required(input, "TopicArn");
      store.write(() => topics.delete(arn));
      return undefined;
    },

    ListTopics(input) {
      const found = topics.list(afterToken(input), PAGE + 1);
      const page = found.slice(0, PAGE);
      return {
        Topics: { member: page.map(({ arn }) => ({ TopicArn: arn })) },
        NextToken: nextToken(found.length, page.at(-1)?.arn),
      };
    },

    GetTopicAttributes(input) {
      const topic = topicOf(input);
      const count = topics.listSubscriptions(topic.arn, "", -1).length;
      return {
        Attributes: entries({
          TopicArn: topic.arn,
          Owner: accountId,
          DisplayName: "",
          SubscriptionsConfirmed: String(count),
          SubscriptionsPending: "0",
          SubscriptionsDeleted: "0",
          ...(topic.fifo ? { ContentBasedDeduplication: "false" } : {}),
          ...topic.attributes,
        }),
      };
    },

    SetTopicAttributes(input) {
      const topic = topicOf(input);
      const name = required(input, "AttributeName");
      if (!TOPIC_ATTRIBUTES.includes(name) || name === "FifoTopic") {
        throw invalidParameter("AttributeName");
      }
      const attributes = { ...topic.attributes, [name]: input.get("AttributeValue") ?? "" };
      store.write(() => topics.put({ ...topic, attributes }));
      return undefined;
    },

    Subscribe(input) {
      const topic = topicOf(input);
      const protocol = required(input, "Protocol");
      if (protocol !== "sqs" && protocol !== "lambda") {
        throw notImplemented("sns", `Subscribe with protocol ${protocol}`);
      }
      const endpoint = required(input, "Endpoint");
      if (!ENDPOINTS[protocol].test(endpoint)) {
        throw invalidParameter(`${protocol === "sqs" ? "SQS" : "Lambda"} endpoint ARN`);
      }
      const attributes = Object.fromEntries(input.map("Attributes"));
      for (const [name, value] of Object.entries(attributes)) checkSubscription(name, value);
      const existing = topics
        .listSubscriptions(topic.arn, "", -1)
        .find((item) => item.protocol === protocol && item.endpoint === endpoint);
      if (existing !== undefined) {
        checkSame(
          existing.attributes,
          attributes,
          "Attributes Reason: Subscription already exists with different attributes",
        );
        return { SubscriptionArn: existing.arn };
      }
      const arn = `${topic.arn}:${randomUUID()}`;
      store.write(() =>
        topics.putSubscription({ arn, topic: topic.arn, protocol, endpoint, attributes }),
      );
      return { SubscriptionArn: arn };
    },

    Unsubscribe(input) {
      const arn = required(input, "SubscriptionArn");
      store.write(() => topics.deleteSubscription(arn));
      return undefined;
    },

    ListSubscriptions: (input) => subscriptionPage(topics, input, undefined, accountId),

    ListSubscriptionsByTopic: (input) =>
      subscriptionPage(topics, input, topicOf(input).arn, accountId),

    GetSubscriptionAttributes(input) {
      const { arn, attributes, endpoint, protocol, topic } = subscriptionOf(input);
      return {
        Attributes: entries({
          SubscriptionArn: arn,
          TopicArn: topic,
          Owner: accountId,
          Protocol: protocol,
          Endpoint: endpoint,
          ConfirmationWasAuthenticated: "true",
          PendingConfirmation: "false",
          RawMessageDelivery: "false",
          ...attributes,
        }),
      };
    },

    SetSubscriptionAttributes(input) {
      const subscription = subscriptionOf(input);
      const name = required(input, "AttributeName");
      const value = input.get("AttributeValue") ?? "";
      const rest = Object.entries(subscription.attributes).filter(([key]) => key !== name);
      // An empty policy takes the policy away.
      if (value !== "" || name !== "FilterPolicy") {
        checkSubscription(name, value);
        rest.push([name, value]);
      }
      const attributes = Object.fromEntries(rest);
      store.write(() => topics.putSubscription({ ...subscription, attributes }));
      return undefined;
    },

    Publish(input) {
      const arn = input.get("TopicArn") ?? input.get("TargetArn");
      if (arn === undefined) {
        if (input.get("PhoneNumber") !== undefined)
          throw notImplemented("sns", "Publish to a phone");
        throw invalidParameter("TopicArn or TargetArn Reason: no value for required parameter");
      }
      const topic = topics.get(arn);
      const publication = parsePublication(topic, input);
      return { MessageId: store.write(() => publish(context, topics, topic, publication)) };
    },

    PublishBatch(input) {
      const topic = topicOf(input);
      const items = input.structures("PublishBatchRequestEntries");
      checkBatch(items);
      const sent: { Id: string; MessageId: string }[] = [];
      const failed: { Id: string; Code: string; Message: string; SenderFault: boolean }[] = [];
      store.write(() => {
        for (const item of items) {
          const Id = item.get("Id") ?? "";
          try {
            const publication = parsePublication(topic, item);
            sent.push({ Id, MessageId: publish(context, topics, topic, publication) });
          } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
          }
        }
      });
      return { Successful: { member: sent }, Failed: { member: failed } };
    },

    ListTagsForResource(input) {
      const { tags } = topics.get(required(input, "ResourceArn"));
      const member = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      return { Tags: { member } };
    },

    TagResource(input) {
      const topic = topics.get(required(input, "ResourceArn"));
      const tags = { ...topic.tags, ...Object.fromEntries(input.map("Tags", "Key", "Value")) };
      store.write(() => topics.put({ ...topic, tags }));
      return {};
    },

    UntagResource(input) {
      const topic = topics.get(required(input, "ResourceArn"));
      const gone = input.list("TagKeys");
      const tags = Object.entries(topic.tags).filter(([key]) => !gone.includes(key));
      store.write(() => topics.put({ ...topic, tags: Object.fromEntries(tags) }));
      return {};
    },
  };
}

function required(input: QueryInput, name: string): string {
  const value = input.get(name);
  if (value === undefined || value === "") {
    throw invalidParameter(`${name} Reason: no value for required parameter`);
  }
  return value;
}

function checkTopic(name: string, attributes: TextMap): void {
  const fifo = attributes["FifoTopic"] === "true";
  if (name.length > 256 || !/^[\w-]+(\.fifo)?$/.test(name) || name.endsWith(".fifo") !== fifo) {
    throw invalidParameter("Topic Name");
  }
  const unknown = Object.keys(attributes).find((item) => !TOPIC_ATTRIBUTES.includes(item));
  if (unknown !== undefined) {
    throw invalidParameter(`Attributes Reason: Unknown attribute ${unknown}`);
  }
}

function checkSubscription(name: string, value: string): void {
  if (name === "FilterPolicy") parseFilterPolicy(value);
  else if (name === "RawMessageDelivery") checkOneOf(name, value, ["true", "false"]);
  else if (name === "FilterPolicyScope") {
    checkOneOf(name, value, ["MessageAttributes", "MessageBody"]);
  } else if (["RedrivePolicy", "DeliveryPolicy", "SubscriptionRoleArn"].includes(name)) {
    throw notImplemented("sns", `subscription attribute ${name}`);
  } else throw invalidParameter("AttributeName");
}

function checkOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw invalidParameter(`Attributes Reason: ${name}: Invalid value [${value}].`);
  }
}

function checkSame(present: TextMap, wanted: TextMap, message: string): void {
  for (const [name, value] of Object.entries(wanted)) {
    if (present[name] !== value) throw invalidParameter(message);
  }
}

function checkBatch(items: readonly QueryInput[]): void {
  const ids = items.map((item) => item.get("Id") ?? "");
  if (items.length === 0) {
    throw new AwsError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
  }
  if (items.length > 10) {
    throw new AwsError(
      "TooManyEntriesInBatchRequest",
      "The batch request contains more entries than permissible.",
    );
  }
  if (new Set(ids).size !== ids.length) {
    throw new AwsError(
      "BatchEntryIdsNotDistinct",
      "Two or more batch entries in the request have the same Id.",
    );
  }
}

function subscriptionPage(
  topics: Topics,
  input: QueryInput,
  topic: string | undefined,
  accountId: string,
) {
  const found = topics.listSubscriptions(topic, afterToken(input), PAGE + 1);
  const page = found.slice(0, PAGE);
  return {
    Subscriptions: {
      member: page.map((item) => ({
        SubscriptionArn: item.arn,
        Owner: accountId,
        Protocol: item.protocol,
        Endpoint: item.endpoint,
        TopicArn: item.topic,
      })),
    },
    NextToken: nextToken(found.length, page.at(-1)?.arn),
  };
}

function afterToken(input: QueryInput): string {
  return Buffer.from(input.get("NextToken") ?? "", "base64url").toString();
}

function nextToken(found: number, last: string | undefined): string | undefined {
  return found > PAGE && last !== undefined ? Buffer.from(last).toString("base64url") : undefined;
}

function entries(attributes: TextMap) {
  return { entry: Object.entries(attributes).map(([key, value]) => ({ key, value })) };
}
