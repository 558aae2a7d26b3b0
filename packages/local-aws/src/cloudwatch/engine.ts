import { gunzipSync } from "node:zlib";
import type { AwsRequest, AwsResponse, Engine, EngineContext } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../protocols/json.ts";
import { XML_DECLARATION, xmlContent, type XmlValue } from "../protocols/xml.ts";
import { metricsOperations, type MetricsResult, type MetricsValue } from "./operations.ts";

const NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/";

/** CloudWatch metrics, by JSON (newer SDKs) and by the query protocol (command line and boto3). */
export function createCloudWatchEngine(context: EngineContext): Engine {
  const operations = new Map(Object.entries(metricsOperations(context)));

  const operate = (request: AwsRequest, name: string, input: JsonObject): MetricsResult => {
    const operation = operations.get(name);
    if (operation === undefined) throw notImplemented("monitoring", name);
    return operation(input);
  };

  return {
    services: ["monitoring"],
    errorNamespace: "com.amazonaws.cloudwatch.v2010_08_01",
    xmlNamespace: NAMESPACE,
    async handle(request): Promise<AwsResponse> {
      const body = await readBody(request);
      if (request.operation !== undefined) {
        const result = operate(request, request.operation, parseJson(body));
        return {
          status: 200,
          headers: { "content-type": "application/x-amz-json-1.0" },
          body: JSON.stringify(toJson(result)),
        };
      }
      const input = nestParameters(new URLSearchParams(`${request.query.toString()}&${body}`));
      const name = typeof input["Action"] === "string" ? input["Action"] : "";
      const result = toXml(operate(request, name, input));
      return {
        status: 200,
        headers: { "content-type": "text/xml" },
        body: `${XML_DECLARATION}<${name}Response xmlns="${NAMESPACE}"><${name}Result>${xmlContent({ ...result })}</${name}Result><ResponseMetadata><RequestId>${request.id}</RequestId></ResponseMetadata></${name}Response>`,
      };
    },
  };
}

/** Larger requests come compressed. */
async function readBody(request: AwsRequest): Promise<string> {
  const body = await request.readBody();
  if (request.headers["content-encoding"] !== "gzip") return body.toString("utf8");
  try {
    return gunzipSync(body, { maxOutputLength: 32 * 1024 * 1024 }).toString("utf8");
  } catch {
    throw new AwsError("SerializationException", "the body cannot be decompressed");
  }
}

function parseJson(body: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(body === "" ? "{}" : body);
  } catch {
    throw new AwsError("SerializationException", "the body is not JSON");
  }
  if (isJsonObject(value)) return value;
  throw new AwsError("SerializationException", "the body is not a JSON object");
}

/** `A.member.1.B=x` as `{A: [{B: "x"}]}`: the shape that JSON has. */
function nestParameters(parameters: URLSearchParams): JsonObject {
  const root: Record<string, unknown> = Object.create(null);
  for (const [name, value] of parameters) {
    const path = name.split(".").filter((part) => part !== "member");
    let at = root;
    for (const part of path.slice(0, -1)) {
      const next = at[part];
      const child: Record<string, unknown> = isRecord(next) ? next : Object.create(null);
      at[part] = child;
      at = child;
    }
    at[path.at(-1) ?? ""] = value;
  }
  const listed = (value: unknown): unknown => {
    if (!isRecord(value)) return value;
    const keys = Object.keys(value);
    return keys.length > 0 && keys.every((key) => /^\d+$/.test(key))
      ? keys.sort((a, b) => Number(a) - Number(b)).map((key) => listed(value[key]))
      : Object.fromEntries(keys.map((key) => [key, listed(value[key])]));
  };
  const result = listed(root);
  return isJsonObject(result) ? result : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return isJsonObject(value);
}

/** Times in seconds, as JSON has them. */
function toJson(value: MetricsValue): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (isList(value)) return value.map(toJson);
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toJson(item)]));
}

/** Lists in `member` elements and times as ISO text, as the query protocol has them. */
function toXml(value: MetricsResult): Record<string, XmlValue> {
  const convert = (item: MetricsValue): XmlValue => {
    if (item instanceof Date) return item.toISOString();
    if (isList(item)) return { member: item.map(convert) };
    if (typeof item !== "object") return item;
    return toXml(item);
  };
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, convert(item)]));
}

function isList(value: MetricsValue): value is readonly MetricsValue[] {
  return Array.isArray(value);
}
