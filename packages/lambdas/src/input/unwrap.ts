import { type Data, type DataMap, errorText, isMap, LavaError, parseJson } from "@lava/core";

/** One body that an invocation brought, or what is wrong with the wrapping around it. */
export interface Delivery {
  /** `messageId` of the outermost SQS record: what a partial batch failure names (LAM-113, TRIG-12). */
  readonly item: string | undefined;
  /** The id of the message nearest to the body: the same when it is delivered again (LAM-115). */
  readonly key: string | undefined;
  /** Of a queue that keeps order: what comes after a failure has to wait. */
  readonly ordered: boolean;
  /** Not wrapped at all: whoever called sees the answer. */
  readonly direct: boolean;
  /** Text, a request, an S3 record or an EventBridge event; undefined when it cannot be told. */
  readonly body: Data | undefined;
  readonly fault: LavaError | undefined;
}

/** The last two texts of a function for what it does not understand. */
export interface UnwrapTexts {
  /** Of a record of a source that it does not know. */
  source(source: string): string;
}

/** Nobody wraps deeper; a message that holds itself ends here. */
const MAX_DEPTH = 10;

type Place = Pick<Delivery, "item" | "key" | "ordered" | "direct">;

/**
 * The bodies inside an event, however they are wrapped: SNS and SQS records, SNS notifications inside SQS bodies,
 * EventBridge events inside either, at any depth (LAM-101, LAM-201, TRIG-11, TRAP-LAM-02). S3's test events are left out.
 * A record that cannot be read is a delivery with a fault, so that it does not stop the others.
 */
export function unwrap(event: Data, texts: UnwrapTexts): Delivery[] {
  return open(event, { item: undefined, key: undefined, ordered: false, direct: true }, texts, 0);
}

function open(body: Data, place: Place, texts: UnwrapTexts, depth: number): Delivery[] {
  if (depth > MAX_DEPTH) return [faulty(place, badEvent("An event is wrapped too deeply"))];
  if (typeof body === "string") return openText(body, place, texts, depth);
  if (!isMap(body)) return [{ ...place, body, fault: undefined }];
  if (body["Event"] === "s3:TestEvent") return [];
  const { Records: records } = body;
  if (isList(records)) {
    const inside = { ...place, direct: false };
    return records.flatMap((record) => openRecord(record, inside, texts, depth + 1));
  }
  if (body["Type"] === "Notification" && typeof body["Message"] === "string") {
    const key = textField(body, "MessageId") ?? place.key;
    return open(body["Message"], { ...place, key, direct: false }, texts, depth + 1);
  }
  if ("detail-type" in body) {
    const key = textField(body, "id") ?? place.key;
    return [{ ...place, key, direct: false, body, fault: undefined }];
  }
  return [{ ...place, body, fault: undefined }];
}

/** Text that is a wrapping is opened; any other text is a body as it stands. */
function openText(text: string, place: Place, texts: UnwrapTexts, depth: number): Delivery[] {
  const isWrapping = /^\s*\{/.test(text) && /"(?:Records|Message|detail-type|Event)"/.test(text);
  if (!isWrapping) return [{ ...place, body: text, fault: undefined }];
  let value: Data;
  try {
    value = parseJson(text);
  } catch {
    return [{ ...place, body: text, fault: undefined }];
  }
  return isMap(value) && ["Records", "Message", "detail-type", "Event"].some((key) => key in value)
    ? open(value, place, texts, depth + 1)
    : [{ ...place, body: text, fault: undefined }];
}

function openRecord(record: Data, place: Place, texts: UnwrapTexts, depth: number): Delivery[] {
  if (!isMap(record)) return [faulty(place, badEvent("A record of the event is not an object"))];
  const source = textField(record, "eventSource") ?? textField(record, "EventSource");
  if (source === "aws:s3") return [{ ...place, body: record, fault: undefined }];
  if (source === "aws:sns") {
    const { Sns: sns } = record;
    const message = isMap(sns) ? textField(sns, "Message") : undefined;
    const key = (isMap(sns) ? textField(sns, "MessageId") : undefined) ?? place.key;
    const inside = { ...place, key };
    if (message !== undefined) return open(message, inside, texts, depth);
    return [faulty(inside, badEvent("An SNS record has no message"))];
  }
  if (source === "aws:sqs") {
    const id = textField(record, "messageId");
    const ordered = (textField(record, "eventSourceARN") ?? "").endsWith(".fifo");
    const inside = {
      ...place,
      // A queue inside another transport cannot be told about single messages.
      item: depth === 1 ? id : place.item,
      key: id ?? place.key,
      ordered: place.ordered || (depth === 1 && ordered),
    };
    const body = textField(record, "body");
    if (body !== undefined) return open(body, inside, texts, depth);
    return [faulty(inside, badEvent("An SQS record has no body"))];
  }
  return [faulty(place, badEvent(texts.source(source ?? "None")))];
}

/** The error for an event that no part of lava understands. */
export function badEvent(message: string, cause?: unknown): LavaError {
  return new LavaError("BAD_EVENT", message, {
    retry: "never",
    hint: "docs/guide/triggers.md lists the events that the functions understand.",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Parses text that has to be JSON. @throws {LavaError} BAD_EVENT */
export function parseEventText(text: string): Data {
  try {
    return parseJson(text);
  } catch (error) {
    throw badEvent(`Cannot determine event format: not JSON: ${errorText(error)}`, error);
  }
}

function faulty(place: Place, fault: LavaError): Delivery {
  return { ...place, body: undefined, fault };
}

function textField(map: DataMap, name: string): string | undefined {
  const value = map[name];
  return typeof value === "string" ? value : undefined;
}

/** `Array.isArray` that keeps the type of the items. */
function isList(value: Data | undefined): value is readonly Data[] {
  return Array.isArray(value);
}
