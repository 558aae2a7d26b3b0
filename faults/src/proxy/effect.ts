/**
 * What the proxy does to a call:
 * `delay` holds it up; `reset` cuts the connection before it is passed on; `lose_answer` passes it on and cuts the
 * connection instead of answering; `fail` answers with the service's own fault without passing it on; `fail_after`
 * passes it on and answers with a fault all the same; `swallow` answers that it is done without passing it on;
 * `twice` passes it on two times; `redeliver` makes a message that was just received visible to others at once.
 */
export type Effect =
  | { readonly kind: "delay"; readonly ms: readonly [from: number, to: number] }
  | { readonly kind: "reset" | "lose_answer" | "fail" | "fail_after" | "swallow" | "twice" }
  | { readonly kind: "redeliver"; readonly answer: "kept" | "lost" };

/** Which calls suffer, how often, and how. */
export interface FaultRule {
  readonly service: string;
  /** All operations of the service when absent. */
  readonly operation?: RegExp;
  /** 0 to 1. */
  readonly chance: number;
  readonly effect: Effect;
}

/** Status and body of a fault as the service words it when it is overloaded or broken. */
export function faultOf(
  service: string,
  kind: "fail" | "fail_after",
): { readonly status: number; readonly type: string; readonly body: string } {
  if (service === "s3") {
    const code = kind === "fail" ? "SlowDown" : "InternalError";
    const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>on purpose</Message></Error>`;
    return { status: kind === "fail" ? 503 : 500, type: "application/xml", body };
  }
  if (service === "dynamodb") {
    const name =
      kind === "fail"
        ? "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
        : "com.amazonaws.dynamodb.v20120810#InternalServerError";
    const body = JSON.stringify({ __type: name, message: "on purpose" });
    return { status: kind === "fail" ? 400 : 500, type: "application/x-amz-json-1.0", body };
  }
  const body = JSON.stringify({ __type: "ServiceUnavailable", message: "on purpose" });
  return { status: 503, type: "application/x-amz-json-1.0", body };
}
