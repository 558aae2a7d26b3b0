import { join } from "node:path";
import type { Credentials } from "../credentials.ts";
import type { AwsRequest, AwsResponse, Engine, EngineContext } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";
import { integerOf, objectOf, textOf } from "../protocols/input.ts";
import { isJsonObject, type JsonObject } from "../protocols/json.ts";
import { createAliases } from "./aliases.ts";
import { createAsyncEvents } from "./async-events.ts";
import { openCodeStore } from "./code-store.ts";
import { createFunctionOperations, toTexts } from "./function-operations.ts";
import {
  LATEST,
  openFunctionStore,
  parseFunctionName,
  type RetryRecord,
} from "./function-store.ts";
import { createInvoker } from "./invoker.ts";
import { createMappings } from "./mappings.ts";
import { checkPermission } from "./permissions.ts";
import { createPolicies } from "./policies.ts";
import { toEvent } from "./to-event.ts";

/** A call of the API: what its path names, its query, its body. */
interface Call {
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly request: AwsRequest;
  json(): Promise<JsonObject>;
}

type Handler = (call: Call) => object | undefined | Promise<object | undefined>;

/** An answer that is more than its JSON. */
class Raw {
  readonly response: AwsResponse;
  constructor(response: AwsResponse) {
    this.response = response;
  }
}

const BODY_LIMIT = 75 * 1024 * 1024;

/** Lambda: functions of Node.js that really run, each in a thread with an environment of its own. */
export function createLambdaEngine(context: EngineContext, credentials: Credentials): Engine {
  const { store, accountId, dataDir, deliveries } = context;
  const functions = openFunctionStore(context);
  const code = openCodeStore(join(dataDir, "lambda"));
  const invoker = createInvoker(context, functions, code, credentials);
  const events = createAsyncEvents(context, functions, invoker);
  const operations = createFunctionOperations({ context, functions, code, invoker });
  const aliases = createAliases(context, functions);
  const policies = createPolicies(context, functions);
  const mappings = createMappings(context, functions, invoker);

  deliveries.register("lambda", (delivery) => {
    const { name, qualifier } = parseFunctionName(delivery.target);
    functions.get(name, qualifier);
    const functionArn = functions.arn(name, qualifier);
    checkPermission(functions.extras(name).policy, delivery.source, {
      accountId,
      functionArn,
      qualifier,
    });
    const event = toEvent(delivery);
    if (event !== undefined) events.add(name, qualifier, event);
  });

  const named = ({ parts, query }: Call) =>
    parseFunctionName(parts[0] ?? "", query.get("Qualifier") ?? undefined);

  async function invoke(call: Call): Promise<object> {
    const { name, qualifier } = named(call);
    const record = functions.get(name, qualifier);
    const body = (await call.request.readBody(BODY_LIMIT)).toString("utf8");
    const event = checkPayload(body);
    const type = call.request.headers["x-amz-invocation-type"]?.toString() ?? "RequestResponse";
    if (type === "DryRun") return new Raw({ status: 204, headers: {} });
    if (type === "Event") {
      store.write(() => events.add(name, qualifier, event));
      return new Raw({ status: 202, headers: { "x-amz-executed-version": record.version } });
    }
    const arn = functions.arn(name, qualifier);
    const { outcome, tail } = await invoker.invoke(record, event, { arn });
    const wantsTail = call.request.headers["x-amz-log-type"]?.toString() === "Tail";
    return new Raw({
      status: 200,
      headers: {
        "content-type": "application/json",
        "x-amz-executed-version": record.version,
        ...(outcome.fault === undefined ? {} : { "x-amz-function-error": "Unhandled" }),
        ...(wantsTail ? { "x-amz-log-result": Buffer.from(tail).toString("base64") } : {}),
      },
      body: outcome.fault === undefined ? outcome.json : JSON.stringify(outcome.fault),
    });
  }

  function getFunction(call: Call): object {
    const { name, qualifier } = named(call);
    const { tags, concurrency } = functions.extras(name);
    const { codeSha } = functions.get(name, qualifier);
    return {
      Configuration: operations.show(name, qualifier),
      Code: { RepositoryType: "S3", Location: `${context.endpoint()}${code.path(codeSha)}` },
      ...(Object.keys(tags).length === 0 ? {} : { Tags: tags }),
      ...(concurrency === undefined
        ? {}
        : { Concurrency: { ReservedConcurrentExecutions: concurrency } }),
    };
  }

  const showRetries = (name: string, key: string, retries: RetryRecord): object => ({
    FunctionArn: functions.arn(name, key),
    MaximumRetryAttempts: retries.attempts,
    MaximumEventAgeInSeconds: retries.age,
    DestinationConfig: {
      OnSuccess: retries.onSuccess === undefined ? {} : { Destination: retries.onSuccess },
      OnFailure: retries.onFailure === undefined ? {} : { Destination: retries.onFailure },
    },
  });

  async function putRetries(call: Call): Promise<object> {
    const { name, qualifier = LATEST } = named(call);
    functions.get(name, qualifier);
    const input = await call.json();
    const { retries } = functions.extras(name);
    const known = call.request.method === "POST" ? retries[qualifier] : undefined;
    const destinations = objectOf(input, "DestinationConfig") ?? {};
    const destination = (kind: "OnSuccess" | "OnFailure"): string | undefined =>
      textOf(objectOf(destinations, kind) ?? {}, "Destination");
    const next = {
      attempts: integerOf(input, "MaximumRetryAttempts") ?? known?.attempts ?? 2,
      age: integerOf(input, "MaximumEventAgeInSeconds") ?? known?.age ?? 21_600,
      onSuccess: destination("OnSuccess") ?? known?.onSuccess,
      onFailure: destination("OnFailure") ?? known?.onFailure,
    };
    store.write(() => functions.setExtras(name, { retries: { ...retries, [qualifier]: next } }));
    return showRetries(name, qualifier, next);
  }

  function getRetries(call: Call): object {
    const { name, qualifier = LATEST } = named(call);
    const known = functions.extras(name).retries[qualifier];
    if (known !== undefined) return showRetries(name, qualifier, known);
    throw new AwsError(
      "ResourceNotFoundException",
      `The function ${functions.arn(name, qualifier)} doesn't have an EventInvokeConfig`,
      { status: 404 },
    );
  }

  function setConcurrency(name: string, concurrency: number | undefined): object {
    functions.get(name);
    store.write(() => functions.setExtras(name, { concurrency }));
    return concurrency === undefined ? {} : { ReservedConcurrentExecutions: concurrency };
  }

  const tagged = ({ parts }: Call): string => parseFunctionName(parts[0] ?? "").name;

  const handlers: Readonly<Record<string, Handler>> = {
    "GET functions": ({ query }) =>
      operations.list(
        query.get("FunctionVersion") === "ALL",
        query.get("Marker") ?? undefined,
        Number(query.get("MaxItems") ?? 50),
      ),
    "POST functions": async ({ json }) => operations.create(await json()),
    "GET functions/*": getFunction,
    "DELETE functions/*": (call) => {
      const { name, qualifier } = named(call);
      operations.remove(name, qualifier);
      return undefined;
    },
    "GET functions/*/configuration": (call) => {
      const { name, qualifier } = named(call);
      return operations.show(name, qualifier);
    },
    "PUT functions/*/configuration": async (call) =>
      operations.updateConfiguration(named(call).name, await call.json()),
    "PUT functions/*/code": async (call) =>
      operations.updateCode(named(call).name, await call.json()),
    "POST functions/*/invocations": invoke,
    "GET functions/*/versions": (call) => operations.versions(named(call).name),
    "POST functions/*/versions": async (call) =>
      operations.publish(named(call).name, await call.json()),
    "GET functions/*/aliases": (call) => aliases.list(named(call).name),
    "POST functions/*/aliases": async (call) => aliases.create(named(call).name, await call.json()),
    "GET functions/*/aliases/*": (call) => aliases.get(named(call).name, call.parts[1] ?? ""),
    "PUT functions/*/aliases/*": async (call) =>
      aliases.update(named(call).name, call.parts[1] ?? "", await call.json()),
    "DELETE functions/*/aliases/*": (call) => {
      aliases.delete(named(call).name, call.parts[1] ?? "");
      return undefined;
    },
    "GET functions/*/policy": (call) => {
      const { name, qualifier } = named(call);
      return policies.get(name, qualifier);
    },
    "POST functions/*/policy": async (call) => {
      const { name, qualifier } = named(call);
      return policies.add(name, qualifier, await call.json());
    },
    "DELETE functions/*/policy/*": (call) => {
      policies.remove(named(call).name, call.parts[1] ?? "");
      return undefined;
    },
    "GET functions/*/concurrency": (call) =>
      setShown(functions.extras(named(call).name).concurrency),
    "PUT functions/*/concurrency": async (call) =>
      setConcurrency(
        named(call).name,
        integerOf(await call.json(), "ReservedConcurrentExecutions"),
      ),
    "DELETE functions/*/concurrency": (call) => {
      setConcurrency(named(call).name, undefined);
      return undefined;
    },
    "GET functions/*/event-invoke-config": getRetries,
    "PUT functions/*/event-invoke-config": putRetries,
    "POST functions/*/event-invoke-config": putRetries,
    "GET tags/*": (call) => ({ Tags: functions.extras(tagged(call)).tags }),
    "POST tags/*": async (call) => {
      const name = tagged(call);
      const tags = {
        ...functions.extras(name).tags,
        ...toTexts(objectOf(await call.json(), "Tags") ?? {}),
      };
      store.write(() => functions.setExtras(name, { tags }));
      return undefined;
    },
    "GET event-source-mappings": ({ query }) =>
      mappings.list(
        query.get("EventSourceArn") ?? undefined,
        query.get("FunctionName") ?? undefined,
      ),
    "POST event-source-mappings": async ({ json }) => mappings.create(await json()),
    "GET event-source-mappings/*": ({ parts }) => mappings.get(parts[0] ?? ""),
    "PUT event-source-mappings/*": async ({ parts, json }) =>
      mappings.update(parts[0] ?? "", await json()),
    "DELETE event-source-mappings/*": ({ parts }) => mappings.delete(parts[0] ?? ""),
  };

  return {
    services: ["lambda"],
    isRestJson: () => true,
    unsigned(method, path) {
      const body = method === "GET" ? code.archiveAt(path) : undefined;
      if (body === undefined) return undefined;
      return { status: 200, headers: { "content-type": "application/zip" }, body };
    },
    async handle(request) {
      // `/2015-03-31/functions/NAME/code`: names stand at every second place.
      const words = request.path.replace(/\/$/, "").split("/").slice(2).map(decodeURIComponent);
      const route = words.map((word, index) => (index % 2 === 0 ? word : "*")).join("/");
      const handler = handlers[`${request.method} ${route}`];
      if (handler === undefined)
        throw notImplemented("lambda", `${request.method} ${request.path}`);
      const answer = await handler({
        parts: words.filter((_word, index) => index % 2 === 1),
        query: request.query,
        request,
        json: () => readJson(request),
      });
      if (answer instanceof Raw) return answer.response;
      if (answer === undefined) return { status: 204, headers: {} };
      const isNew =
        request.method === "POST" &&
        /^functions(?:\/\*\/(?:versions|aliases|policy))?$/.test(route);
      const isStarted = route.startsWith("event-source-mappings") && request.method !== "GET";
      return {
        status: isNew ? 201 : isStarted ? 202 : 200,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(answer),
      };
    },
    async close() {
      const closing = [mappings.close(), events.close()];
      await invoker.close();
      await Promise.all(closing);
    },
  };
}

function setShown(concurrency: number | undefined): object {
  return concurrency === undefined ? {} : { ReservedConcurrentExecutions: concurrency };
}

/** An event has to be JSON; none is an empty object. */
function checkPayload(body: string): string {
  if (body === "") return "{}";
  try {
    JSON.parse(body);
  } catch (error) {
    throw new AwsError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${error instanceof Error ? error.message : ""}`,
    );
  }
  return body;
}

async function readJson(request: AwsRequest): Promise<JsonObject> {
  const body = await request.readBody(BODY_LIMIT);
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw new AwsError("SerializationException", "The request is not JSON.");
  }
  if (!isJsonObject(value))
    throw new AwsError("SerializationException", "The request is not a JSON object.");
  return value;
}
