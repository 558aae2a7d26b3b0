import { isIP } from "node:net";
import { type Data, type DataMap, isMap } from "@lava/core";
import { badEvent } from "../input/unwrap.ts";
import { unquotePlus } from "./unquote-plus.ts";

/** One thing that happened to an object; what an event does not tell is null (LAM-202, LAM-217, TRIG-09). */
export interface S3Event {
  readonly bucket: string;
  /** As the object is named: decoded. */
  readonly key: string;
  readonly size: number | null;
  readonly source_ip: string | null;
  /** ISO 8601 with zone. */
  readonly event_time: string | null;
  /** `ObjectCreated:Put`; of EventBridge `ObjectCreated:PutObject`, or the kind alone (LAM-203, TRIG-05). */
  readonly event_type: string | null;
  readonly aws_region: string | null;
  /** The record as it came. */
  readonly raw: DataMap;
  /** Names this very event, also when it is delivered again; undefined for one that somebody made up. */
  readonly identity: string | undefined;
}

/** What EventBridge calls the kinds of events of S3 begins with this. */
const BUS = "detail-type";

/**
 * Reads a record of a bucket notification, or an S3 event of EventBridge.
 *
 * @throws {LavaError} BAD_EVENT for anything else, or without bucket or key
 */
export function parseS3Event(body: Data, region: string | undefined): S3Event {
  if (!isMap(body)) throw badEvent("Cannot determine event format");
  if (BUS in body) return parseBusEvent(body, region);
  if (isMap(body["s3"])) return parseRecord(body, body["s3"], region);
  throw badEvent("Cannot determine event format");
}

function parseRecord(raw: DataMap, s3: DataMap, region: string | undefined): S3Event {
  const object = mapOf(s3, "object");
  const key = textOf(object, "key");
  const ip = textOf(mapOf(raw, "requestParameters"), "sourceIPAddress");
  const event_time = textOf(raw, "eventTime");
  const event_type = textOf(raw, "eventName");
  const sequencer = textOf(object, "sequencer");
  const request = textOf(mapOf(raw, "responseElements"), "x-amz-request-id");
  return {
    bucket: required(textOf(mapOf(s3, "bucket"), "name"), "a bucket"),
    key: unquotePlus(required(key, "a key")),
    size: numberOf(object, "size"),
    source_ip: isAddress(ip) ? ip : null,
    event_time: event_time ?? null,
    event_type: event_type ?? null,
    aws_region: textOf(raw, "awsRegion") ?? region ?? null,
    raw,
    identity:
      sequencer === undefined && request === undefined
        ? undefined
        : [event_type, sequencer, request, textOf(object, "versionId")].join("/"),
  };
}

function parseBusEvent(raw: DataMap, region: string | undefined): S3Event {
  const detail = mapOf(raw, "detail");
  const object = mapOf(detail, "object");
  const ip = textOf(detail, "source-ip-address");
  const kind = textOf(raw, BUS);
  const reason = textOf(detail, "reason");
  return {
    bucket: required(textOf(mapOf(detail, "bucket"), "name"), "a bucket"),
    key: required(textOf(object, "key"), "a key"),
    size: numberOf(object, "size"),
    source_ip: isAddress(ip) ? ip : null,
    event_time: textOf(raw, "time") ?? null,
    event_type:
      kind === undefined
        ? null
        : [kind, ...(reason === undefined ? [] : [reason])].join(":").replaceAll(" ", ""),
    aws_region: textOf(raw, "region") ?? region ?? null,
    raw,
    identity: textOf(raw, "id"),
  };
}

function required(value: string | undefined, what: string): string {
  if (value !== undefined && value !== "") return value;
  throw badEvent(`An S3 event has no name of ${what}`);
}

function mapOf(map: DataMap, name: string): DataMap {
  const value = map[name];
  return isMap(value) ? value : {};
}

function textOf(map: DataMap, name: string): string | undefined {
  const value = map[name];
  return typeof value === "string" ? value : undefined;
}

function numberOf(map: DataMap, name: string): number | null {
  const value = map[name];
  return typeof value === "number" ? value : null;
}

function isAddress(text: string | undefined): text is string {
  return text !== undefined && isIP(text) !== 0;
}
