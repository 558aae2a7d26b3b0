/**
 * The name of what a request asks for: the operation of `x-amz-target`, the `Action` of the query
 * protocol, elsewhere (S3) the method and the sub-resource, `PUT` or `POST uploads`.
 */
export function operationName(request: {
  readonly service: string;
  readonly method: string;
  readonly query: URLSearchParams;
  readonly target: string | undefined;
  readonly body: Buffer | undefined;
  readonly path?: string;
}): string {
  const { service, method, query, target, body } = request;
  if (target !== undefined) return target.slice(target.lastIndexOf(".") + 1);
  if (service === "lambda") return lambdaOperation(method, request.path ?? "");
  if (service !== "s3") {
    const action = query.get("Action") ?? new URLSearchParams(body?.toString()).get("Action");
    return action ?? method;
  }
  // A sub-resource is a parameter without a value (`?uploads=`); x-id only repeats the operation for logs.
  const subResource = [...query].find(([name, value]) => value === "" && name !== "x-id")?.[0];
  return subResource === undefined ? method : `${method} ${subResource}`;
}

/** `POST invocations`: the method, and what of a function it is about. */
function lambdaOperation(method: string, path: string): string {
  const [, part] = /^\/[\d-]+\/functions\/[^/]+\/([\w-]+)/.exec(path) ?? [];
  return part === undefined ? method : `${method} ${part}`;
}
