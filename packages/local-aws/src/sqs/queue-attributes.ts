import { isJsonObject } from "../protocols/json.ts";
import { invalidAttributeName, invalidAttributeValue, invalidParameter } from "./errors.ts";

/** Attributes of a queue as they are stored: those that were set, as text. */
export type QueueAttributes = Readonly<Record<string, string>>;

/** `RedrivePolicy`, read. */
export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

type Rule = (value: string) => boolean;

const integer =
  (min: number, max: number): Rule =>
  (value) =>
    /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max;
const boolean: Rule = (value) => /^(true|false)$/i.test(value);
const oneOf =
  (...values: string[]): Rule =>
  (value) =>
    values.includes(value);

const RULES: Readonly<Record<string, Rule>> = {
  DelaySeconds: integer(0, 900),
  MaximumMessageSize: integer(1024, 1_048_576),
  MessageRetentionPeriod: integer(60, 1_209_600),
  Policy: isJson,
  ReceiveMessageWaitTimeSeconds: integer(0, 20),
  VisibilityTimeout: integer(0, 43_200),
  RedrivePolicy: (value) => parseRedrivePolicy(value) !== undefined,
  RedriveAllowPolicy: isJson,
  KmsMasterKeyId: () => true,
  KmsDataKeyReusePeriodSeconds: integer(60, 86_400),
  SqsManagedSseEnabled: boolean,
  FifoQueue: boolean,
  ContentBasedDeduplication: boolean,
  DeduplicationScope: oneOf("messageGroup", "queue"),
  FifoThroughputLimit: oneOf("perQueue", "perMessageGroupId"),
};

const FIFO_ONLY = ["ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];

const DEFAULTS: QueueAttributes = {
  DelaySeconds: "0",
  MaximumMessageSize: "1048576",
  MessageRetentionPeriod: "345600",
  ReceiveMessageWaitTimeSeconds: "0",
  VisibilityTimeout: "30",
  SqsManagedSseEnabled: "true",
};

/** Checks attributes given to CreateQueue or SetQueueAttributes; an empty policy unsets it. */
export function checkQueueAttributes(attributes: QueueAttributes, fifo: boolean): void {
  for (const [name, value] of Object.entries(attributes)) {
    const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined;
    if (rule === undefined) throw invalidAttributeName(name);
    if (value === "" && isUnsettable(name)) continue;
    if (!rule(value)) {
      if (name === "RedrivePolicy") {
        throw invalidParameter(`Value ${value} for parameter RedrivePolicy is invalid.`);
      }
      throw invalidAttributeValue(name);
    }
    if (!fifo && FIFO_ONLY.includes(name)) throw invalidAttributeName(name);
  }
}

/** Attributes after a change; those set to nothing are gone. */
export function mergeQueueAttributes(
  before: QueueAttributes,
  changes: QueueAttributes,
): QueueAttributes {
  return Object.fromEntries(
    Object.entries({ ...before, ...changes }).filter(
      ([name, value]) => value !== "" || !isUnsettable(name),
    ),
  );
}

/** All attributes that have a value, with those that SQS gives by itself. */
export function effectiveAttributes(stored: QueueAttributes, fifo: boolean): QueueAttributes {
  const own: QueueAttributes = fifo
    ? {
        FifoQueue: "true",
        ContentBasedDeduplication: "false",
        DeduplicationScope: "queue",
        FifoThroughputLimit: "perQueue",
      }
    : {};
  const merged: Record<string, string> = { ...DEFAULTS, ...own, ...stored };
  if (merged["KmsMasterKeyId"] !== undefined) {
    merged["SqsManagedSseEnabled"] = "false";
    merged["KmsDataKeyReusePeriodSeconds"] ??= "300";
  }
  return merged;
}

/** An attribute that holds a whole number. */
export function numericAttribute(stored: QueueAttributes, name: string): number {
  return Number(stored[name] ?? DEFAULTS[name] ?? "0");
}

/** Reads a RedrivePolicy; undefined when it is not one. */
export function parseRedrivePolicy(value: string | undefined): RedrivePolicy | undefined {
  if (value === undefined || value === "") return undefined;
  let policy: unknown;
  try {
    policy = JSON.parse(value);
  } catch {
    return undefined;
  }
  if (!isJsonObject(policy)) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = policy;
  const count = Number(maxReceiveCount);
  if (typeof deadLetterTargetArn !== "string" || !/^arn:[^:]*:sqs:/.test(deadLetterTargetArn)) {
    return undefined;
  }
  if (!Number.isInteger(count) || count < 1 || count > 1000) return undefined;
  return { deadLetterTargetArn, maxReceiveCount: count };
}

function isUnsettable(name: string): boolean {
  return ["Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId"].includes(name);
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
