// The thread that a function runs in: loads its handler, then does one call after the other.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import type { RuntimeAnswer, RuntimeCall, RuntimeData, RuntimeFault } from "./runtime-messages.ts";

const { folder, handler }: RuntimeData = workerData;
const port = parentPort;
if (port === null) throw new Error("a function runs in a thread");
const answer = (message: RuntimeAnswer): void => port.postMessage(message);

class RuntimeError extends Error {
  readonly errorType: string;
  constructor(errorType: string, message: string) {
    super(message);
    this.errorType = errorType;
  }
}

/** `a/b.c.d` is export `c.d` of file `a/b`. */
async function load(): Promise<(event: unknown, context: object) => unknown> {
  const at = handler.indexOf(".", handler.lastIndexOf("/") + 1);
  const base = handler.slice(0, at);
  const path = handler.slice(at + 1).split(".");
  const file = [".mjs", ".js", ".cjs"]
    .map((ending) => join(folder, base + ending))
    .find((candidate) => existsSync(candidate));
  if (at < 0 || file === undefined) {
    throw new RuntimeError("Runtime.ImportModuleError", `Error: Cannot find module '${base}'`);
  }
  const module: unknown = await import(pathToFileURL(file).href);
  const member = (from: unknown, name: string): unknown =>
    typeof from === "object" && from !== null ? Reflect.get(from, name) : undefined;
  const found = path.reduce(member, module) ?? path.reduce(member, member(module, "default"));
  if (typeof found !== "function") {
    throw new RuntimeError("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
  }
  return (event, context): unknown => Reflect.apply(found, undefined, [event, context]);
}

function toFault(error: unknown): RuntimeFault {
  if (error instanceof RuntimeError) {
    return { errorType: error.errorType, errorMessage: error.message, trace: [] };
  }
  if (!(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  return {
    errorType: error.name,
    errorMessage: error.message,
    trace: (error.stack ?? "").split("\n"),
  };
}

/** What was printed is with the main thread when this resolves. */
async function flush(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write("", () => resolve()));
  }
}

// oxlint-disable-next-line node/no-process-env -- that of the function: the thread was started with it
const env = (name: string): string => process.env[name] ?? "";

async function call(
  run: (event: unknown, context: object) => unknown,
  { event, requestId, arn, deadline }: RuntimeCall,
): Promise<RuntimeAnswer> {
  const context = {
    functionName: env("AWS_LAMBDA_FUNCTION_NAME"),
    functionVersion: env("AWS_LAMBDA_FUNCTION_VERSION"),
    invokedFunctionArn: arn,
    memoryLimitInMB: env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
    awsRequestId: requestId,
    logGroupName: env("AWS_LAMBDA_LOG_GROUP_NAME"),
    logStreamName: env("AWS_LAMBDA_LOG_STREAM_NAME"),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    const result = await run(JSON.parse(event), context);
    return { kind: "result", json: JSON.stringify(result) ?? "null" };
  } catch (error) {
    return { kind: "fault", fault: toFault(error) };
  }
}

try {
  const run = await load();
  answer({ kind: "ready" });
  const serve = async (message: RuntimeCall): Promise<void> => {
    const done = await call(run, message);
    await flush();
    answer(done);
  };
  port.on("message", (message: RuntimeCall) => void serve(message));
} catch (error) {
  await flush();
  answer({ kind: "fault", fault: toFault(error) });
}
