import { randomUUID } from "node:crypto";
import type { Deliveries, EngineContext } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";
import type { Bucket, Buckets } from "./buckets.ts";
import { invalidArgument, malformedXml } from "./errors.ts";
import { ownerOf } from "./owner.ts";
import { childrenOf, childText, readXml, type XmlNode } from "./xml-reader.ts";

/** Something that happened to an object. */
export interface ObjectEvent {
  /** `ObjectCreated:Put`. */
  readonly name: string;
  readonly key: string;
  /** Undefined for removals. */
  readonly size?: number;
  readonly etag?: string;
  readonly requestId: string;
}

/** Tells the queues, topics and functions that a bucket names in its notification configuration, and EventBridge. */
export interface Notifier {
  /** Checks a configuration and tries its destinations, as S3 does with a test event. */
  check(bucket: Bucket, document: string): void;
  /** To be called inside `store.write`, so that object and message come together. */
  notify(bucket: Bucket, event: ObjectEvent): void;
}

interface Rule {
  readonly id: string;
  readonly target: string;
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

/** Elements of a configuration, and where the ARN stands in each. */
const DESTINATIONS: Readonly<Record<string, string>> = {
  QueueConfiguration: "Queue",
  TopicConfiguration: "Topic",
  CloudFunctionConfiguration: "CloudFunction",
};
const TO_EVENT_BUS = "EventBridgeConfiguration";

/** Makes the notifier. */
export function createNotifier(
  context: Pick<EngineContext, "accountId" | "clock" | "logger" | "region"> & {
    readonly deliveries: Deliveries;
  },
  buckets: Buckets,
): Notifier {
  const { accountId, clock, deliveries, logger, region } = context;
  const time = (): string => new Date(clock.now()).toISOString();

  return {
    check(bucket, document) {
      for (const { target } of parseRules(document)) {
        const body = JSON.stringify({
          Service: "Amazon S3",
          Event: "s3:TestEvent",
          Time: time(),
          Bucket: bucket.name,
        });
        try {
          deliveries.deliver({ target, source: `arn:aws:s3:::${bucket.name}`, body });
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          throw invalidArgument(
            "Unable to validate the following destination configurations",
            target,
            error.message,
          );
        }
      }
    },

    notify(bucket, event) {
      const document = buckets.config(bucket.id, "notification");
      if (document === undefined) return;
      const send = (target: string, body: object): void => {
        try {
          deliveries.deliver({
            target,
            source: `arn:aws:s3:::${bucket.name}`,
            body: JSON.stringify(body),
          });
        } catch (error) {
          // As in S3: a destination that has gone does not fail the request.
          if (!(error instanceof AwsError)) throw error;
          logger.warn({ bucket: bucket.name, target, error: error.message }, "s3 event lost");
        }
      };
      for (const rule of parseRules(document)) {
        if (applies(rule, event)) send(rule.target, message(bucket, event, rule.id));
      }
      const detail = busDetail(bucket, event);
      if (document.includes(TO_EVENT_BUS) && detail !== undefined) {
        send(`arn:aws:events:${region}:${accountId}:event-bus/default`, detail);
      }
    },
  };

  function sequencer(): string {
    return clock.now().toString(16).toUpperCase().padStart(16, "0");
  }

  /** A notification, as queues, topics and functions get it. */
  function message(bucket: Bucket, event: ObjectEvent, configurationId: string): object {
    return {
      Records: [
        {
          eventVersion: "2.1",
          eventSource: "aws:s3",
          awsRegion: region,
          eventTime: time(),
          eventName: event.name,
          userIdentity: { principalId: accountId },
          requestParameters: { sourceIPAddress: "127.0.0.1" },
          responseElements: { "x-amz-request-id": event.requestId, "x-amz-id-2": "" },
          s3: {
            s3SchemaVersion: "1.0",
            configurationId,
            bucket: {
              name: bucket.name,
              ownerIdentity: { principalId: ownerOf(accountId).ID },
              arn: `arn:aws:s3:::${bucket.name}`,
            },
            object: {
              key: encodeURIComponent(event.key).replace(/%20/g, "+").replace(/%2F/g, "/"),
              size: event.size,
              eTag: event.etag,
              sequencer: sequencer(),
            },
          },
        },
      ],
    };
  }

  /** The event for EventBridge, its key not encoded; undefined for what S3 does not tell it. */
  function busDetail(bucket: Bucket, event: ObjectEvent): object | undefined {
    const [kind = "", way = ""] = event.name.split(":");
    const type = BUS_TYPES[kind];
    if (type === undefined) return undefined;
    return {
      version: "0",
      id: randomUUID(),
      "detail-type": type,
      source: "aws.s3",
      account: accountId,
      time: time().replace(/\.\d+Z$/, "Z"),
      region,
      resources: [`arn:aws:s3:::${bucket.name}`],
      detail: {
        version: "0",
        bucket: { name: bucket.name },
        object: { key: event.key, size: event.size, etag: event.etag, sequencer: sequencer() },
        "request-id": event.requestId,
        requester: accountId,
        "source-ip-address": "127.0.0.1",
        reason: REASONS[`${kind}:${way}`] ?? "DeleteObject",
        ...(kind === "ObjectRemoved" ? { "deletion-type": "Permanently Deleted" } : {}),
      },
    };
  }
}

const BUS_TYPES: Readonly<Record<string, string>> = {
  ObjectCreated: "Object Created",
  ObjectRemoved: "Object Deleted",
};
const REASONS: Readonly<Record<string, string>> = {
  "ObjectCreated:Put": "PutObject",
  "ObjectCreated:Post": "POST Object",
  "ObjectCreated:Copy": "CopyObject",
  "ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
};

function parseRules(document: string): Rule[] {
  const root = readXml(document);
  if (root.name !== "NotificationConfiguration") throw malformedXml();
  const rules = root.children.filter((node) => node.name !== TO_EVENT_BUS);
  return rules.map((node, index) => {
    const field = DESTINATIONS[node.name];
    if (field === undefined) throw notImplemented("s3 notification", node.name);
    const target = childText(node, field);
    const events = childrenOf(node, "Event").map(({ text }) => text);
    if (target === undefined || events.length === 0) throw malformedXml();
    return {
      id: childText(node, "Id") ?? `rule-${index + 1}`,
      target,
      events,
      prefix: filterOf(node, "prefix"),
      suffix: filterOf(node, "suffix"),
    };
  });
}

function filterOf(node: XmlNode, name: string): string {
  for (const filter of childrenOf(node, "Filter")) {
    for (const key of childrenOf(filter, "S3Key")) {
      for (const rule of childrenOf(key, "FilterRule")) {
        if (childText(rule, "Name")?.toLowerCase() === name) return childText(rule, "Value") ?? "";
      }
    }
  }
  return "";
}

function applies(rule: Rule, event: ObjectEvent): boolean {
  const name = `s3:${event.name}`;
  return (
    event.key.startsWith(rule.prefix) &&
    event.key.endsWith(rule.suffix) &&
    rule.events.some((item) =>
      item.endsWith("*") ? name.startsWith(item.slice(0, -1)) : item === name,
    )
  );
}
