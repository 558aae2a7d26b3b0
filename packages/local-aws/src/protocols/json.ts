import { crc32 } from "node:zlib";
import type { AwsRequest, AwsResponse } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";

/** A JSON object as it came in: nothing in it has been checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** One operation; its result becomes the JSON body (undefined: an empty object). */
export type JsonOperation = (
  input: JsonObject,
  request: AwsRequest,
) => object | undefined | Promise<object | undefined>;

/** Options of {@link jsonProtocol}. */
export interface JsonProtocolOptions {
  readonly version: "1.0" | "1.1";
  readonly operations: Readonly<Record<string, JsonOperation>>;
  /** Bytes of a request; 16 MB by default, as in DynamoDB. */
  readonly bodyLimit?: number;
  /** Operations whose answers need not wait for the disk ({@link AwsResponse.isForgettable}). */
  readonly forgettable?: ReadonlySet<string>;
  /** Adds `x-amz-crc32`, as DynamoDB does. */
  readonly crc32?: boolean;
}

/** `handle` of an engine whose service speaks AWS JSON. */
export function jsonProtocol(
  options: JsonProtocolOptions,
): (request: AwsRequest) => Promise<AwsResponse> {
  const operations = new Map(Object.entries(options.operations));
  return async (request) => {
    const operation = operations.get(request.operation ?? "");
    if (operation === undefined) {
      throw notImplemented(
        request.service,
        request.operation ?? `${request.method} ${request.path}`,
      );
    }
    const output =
      (await operation(parseBody(await request.readBody(options.bodyLimit)), request)) ?? {};
    const body = JSON.stringify(output);
    const headers: Record<string, string> = {
      "content-type": `application/x-amz-json-${options.version}`,
    };
    if (options.crc32 === true) headers["x-amz-crc32"] = String(crc32(body));
    const isForgettable = options.forgettable?.has(request.operation ?? "") === true;
    return { status: 200, headers, body, isForgettable };
  };
}

function parseBody(body: Buffer): JsonObject {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw new AwsError("SerializationException", "the body is not JSON");
  }
  if (!isJsonObject(value)) {
    throw new AwsError("SerializationException", "the body is not a JSON object");
  }
  return value;
}

/** Whether a value is a JSON object (neither null nor a list). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
