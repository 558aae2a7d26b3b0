import { crc32 } from "node:zlib";
import type { AwsResponse, Engine } from "../engine.ts";
import type { AwsError } from "../errors.ts";
import { XML_DECLARATION, xmlContent, xmlElement } from "./xml.ts";

/** What is known of a request when it failed, which may be before its signature was checked. */
export interface FailedRequest {
  readonly id: string;
  readonly service: string;
  readonly method: string;
  readonly path: string;
  /** The `x-amz-target` header. */
  readonly target: string | undefined;
  readonly contentType: string | undefined;
  readonly engine: Pick<Engine, "errorNamespace" | "xmlNamespace" | "isRestJson"> | undefined;
}

/** An error as the service would send it in the protocol that the client speaks. */
export function renderError(error: AwsError, request: FailedRequest): AwsResponse {
  const headers = { "x-amzn-requestid": request.id, ...error.options.headers };
  if (request.service === "s3") return renderS3(error, request, headers);
  if (request.engine?.isRestJson?.(request.path) === true) return renderRestJson(error, headers);
  const json = /^application\/x-amz-json-(1\.[01])/.exec(request.contentType ?? "");
  if (request.target !== undefined || json !== null) {
    return renderJson(error, request, { ...headers, "content-type": json?.[0] ?? JSON_1_0 });
  }
  return renderQuery(error, request, headers);
}

const JSON_1_0 = "application/x-amz-json-1.0";
const SIGNATURE_CODES = new Set([
  "AccessDeniedException",
  "IncompleteSignatureException",
  "InvalidSignatureException",
  "MissingAuthenticationTokenException",
  "SerializationException",
  "UnrecognizedClientException",
  "NotImplemented",
]);

function renderJson(
  error: AwsError,
  { engine }: FailedRequest,
  headers: Record<string, string>,
): AwsResponse {
  const { fields, queryCode } = error.options;
  const namespace = SIGNATURE_CODES.has(error.code)
    ? "com.amazon.coral.service"
    : engine?.errorNamespace;
  const type = namespace === undefined ? error.code : `${namespace}#${error.code}`;
  const body = JSON.stringify({ __type: type, message: error.message, ...fields });
  if (queryCode !== undefined) {
    headers["x-amzn-query-error"] = `${queryCode};${fault(error)}`;
  }
  return {
    status: error.status,
    headers: { ...headers, "x-amz-crc32": String(crc32(body)) },
    body,
  };
}

function renderRestJson(error: AwsError, headers: Record<string, string>): AwsResponse {
  return {
    status: error.status,
    headers: { ...headers, "content-type": "application/json", "x-amzn-errortype": error.code },
    body: JSON.stringify({ message: error.message }),
  };
}

function renderQuery(
  error: AwsError,
  { engine, id }: FailedRequest,
  headers: Record<string, string>,
): AwsResponse {
  const { elements, queryCode } = error.options;
  const content = xmlElement("Error", {
    Type: fault(error),
    Code: queryCode ?? error.code,
    Message: error.message,
    ...elements,
  });
  const namespace = engine?.xmlNamespace === undefined ? "" : ` xmlns="${engine.xmlNamespace}"`;
  return {
    status: error.status,
    headers: { ...headers, "content-type": "text/xml" },
    body: `${XML_DECLARATION}<ErrorResponse${namespace}>${content}<RequestId>${id}</RequestId></ErrorResponse>`,
  };
}

function renderS3(
  error: AwsError,
  { id, method, path }: FailedRequest,
  headers: Record<string, string>,
): AwsResponse {
  const all = { ...headers, "x-amz-request-id": id };
  // Neither may have a body: 304 and answers to HEAD.
  if (method === "HEAD" || error.status === 304) return { status: error.status, headers: all };
  const content = xmlContent({
    Code: error.code,
    Message: error.message,
    ...error.options.elements,
    Resource: path,
    RequestId: id,
  });
  return {
    status: error.status,
    headers: { ...all, "content-type": "application/xml" },
    body: `${XML_DECLARATION}<Error>${content}</Error>`,
  };
}

function fault(error: AwsError): "Sender" | "Receiver" {
  return error.status < 500 ? "Sender" : "Receiver";
}
