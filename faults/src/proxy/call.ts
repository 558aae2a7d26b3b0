import type { IncomingMessage } from "node:http";

/** An AWS call as its request says, unchecked: the endpoint checks the signature. */
export interface Call {
  /** As in the signature's scope: `dynamodb`, `sqs`, `s3`, `monitoring`... */
  readonly service: string;
  /** `UpdateItem`, `ReceiveMessage`...; the method for S3. */
  readonly operation: string;
}

/** What a request asks for. */
export function toCall(request: IncomingMessage): Call {
  const scope = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? "");
  const target = request.headers["x-amz-target"]?.toString().split(".").at(-1);
  return { service: scope?.[1] ?? "", operation: target ?? request.method ?? "" };
}
