import { randomBytes, randomUUID } from "node:crypto";
import { errorText } from "@lava/core";
import type { Credentials } from "../credentials.ts";
import type { EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import type { CodeStore } from "./code-store.ts";
import { type CallOutcome, type ExecutionEnvironment, startEnvironment } from "./environment.ts";
import type { FunctionRecord, FunctionStore } from "./function-store.ts";

/** What came of an invocation. */
export interface Invocation {
  readonly outcome: CallOutcome;
  readonly requestId: string;
  /** The end of what it logged. */
  readonly tail: string;
}

/** Runs functions. */
export interface Invoker {
  /** Runs one version with an event, JSON. Throws TooManyRequestsException. */
  invoke(
    record: FunctionRecord,
    event: string,
    call?: { readonly requestId?: string; readonly arn?: string },
  ): Promise<Invocation>;
  /** Ends the warm instances of a function. */
  forget(name: string): void;
  close(): Promise<void>;
}

/** An unreserved function has at most so many instances. */
const MAX_INSTANCES = 10;
/** An instance with nothing to do ends after so long, in ms. */
const IDLE_MS = 300_000;
const TAIL = 4096;

interface Instance {
  readonly environment: ExecutionEnvironment;
  readonly revision: string;
  /** Into its log stream. */
  readonly log: (text: string) => void;
  /** Takes what the function prints. */
  sink: (text: string) => void;
  idleSince: number;
}

/** Makes an invoker; instances stay warm for the next call. */
export function createInvoker(
  context: EngineContext,
  functions: FunctionStore,
  code: CodeStore,
  credentials: Credentials,
): Invoker {
  const { clock, deliveries, logger, region, accountId } = context;
  const idle = new Map<string, Instance[]>();
  const busy = new Map<string, Set<Instance>>();

  function start(record: FunctionRecord): Instance {
    const group = `/aws/lambda/${record.name}`;
    const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll("-", "/");
    const stream = `${day}/[${record.version}]${randomBytes(16).toString("hex")}`;
    const target = `arn:aws:logs:${region}:${accountId}:log-group:${group}:log-stream:${stream}`;
    const log = (text: string): void => {
      try {
        deliveries.deliver({ target, source: functions.arn(record.name), body: text });
      } catch (error) {
        logger.warn({ function: record.name, error: errorText(error) }, "log lines are lost");
      }
    };
    const folder = code.folder(record.codeSha);
    const instance: Instance = {
      revision: record.revision,
      log,
      sink: () => undefined,
      idleSince: 0,
      environment: startEnvironment({
        data: { folder, handler: record.handler },
        memory: record.memory,
        env: {
          AWS_ENDPOINT_URL: context.endpoint(),
          AWS_REGION: region,
          AWS_DEFAULT_REGION: region,
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          AWS_EXECUTION_ENV: `AWS_Lambda_${record.runtime}`,
          AWS_LAMBDA_FUNCTION_NAME: record.name,
          AWS_LAMBDA_FUNCTION_VERSION: record.version,
          AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(record.memory),
          AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
          AWS_LAMBDA_LOG_GROUP_NAME: group,
          AWS_LAMBDA_LOG_STREAM_NAME: stream,
          LAMBDA_TASK_ROOT: folder,
          _HANDLER: record.handler,
          LANG: "en_US.UTF-8",
          TZ: ":UTC",
          ...record.environment,
        },
        onOutput: (text) => {
          instance.sink(text);
          log(text);
          logger.info({ function: record.name }, text);
        },
      }),
    };
    return instance;
  }

  function acquire(record: FunctionRecord): Instance {
    const key = `${record.name}:${record.version}`;
    const ready = idle.get(key) ?? [];
    const working = busy.get(key) ?? new Set();
    busy.set(key, working);
    let instance: Instance | undefined;
    while ((instance = ready.pop()) !== undefined) {
      if (instance.environment.alive && instance.revision === record.revision) break;
      void instance.environment.end();
    }
    if (instance === undefined) {
      const limit = functions.extras(record.name).concurrency ?? MAX_INSTANCES;
      if (working.size >= limit) throw tooMany();
      instance = start(record);
    }
    working.add(instance);
    return instance;
  }

  function release(record: FunctionRecord, instance: Instance): void {
    const key = `${record.name}:${record.version}`;
    busy.get(key)?.delete(instance);
    instance.sink = () => undefined;
    instance.idleSince = clock.now();
    if (instance.environment.alive) idle.set(key, [...(idle.get(key) ?? []), instance]);
  }

  context.background("lambda instances", 10_000, () => {
    for (const [key, instances] of idle) {
      const old = instances.filter(({ idleSince }) => clock.now() - idleSince > IDLE_MS);
      for (const { environment } of old) void environment.end();
      idle.set(
        key,
        instances.filter((instance) => !old.includes(instance)),
      );
    }
  });

  return {
    async invoke(
      record,
      event,
      { requestId = randomUUID(), arn = functions.arn(record.name) } = {},
    ) {
      const instance = acquire(record);
      let tail = "";
      const began = performance.now();
      instance.sink = (text) => {
        tail = (tail + text).slice(-TAIL);
      };
      try {
        const timeout = record.timeout * 1000;
        const outcome = await instance.environment.call(
          { event, requestId, arn, deadline: clock.now() + timeout },
          timeout,
        );
        const took = (performance.now() - began).toFixed(2);
        const report = `REPORT RequestId: ${requestId}\tDuration: ${took} ms\tMemory Size: ${record.memory} MB\n`;
        const { fault } = outcome;
        const failed =
          fault === undefined
            ? ""
            : `ERROR\tInvoke Error\t${JSON.stringify({ ...fault, trace: undefined, stack: fault.trace })}\n`;
        instance.log(failed + report);
        return { outcome, requestId, tail: (tail + failed + report).slice(-TAIL) };
      } finally {
        release(record, instance);
      }
    },
    forget(name) {
      for (const [key, instances] of idle) {
        if (!key.startsWith(`${name}:`)) continue;
        idle.delete(key);
        for (const { environment } of instances) void environment.end();
      }
    },
    async close() {
      const all = [...[...idle.values()].flat(), ...[...busy.values()].flatMap((set) => [...set])];
      idle.clear();
      busy.clear();
      await Promise.all(all.map(({ environment }) => environment.end()));
    },
  };
}

function tooMany(): AwsError {
  return new AwsError("TooManyRequestsException", "Rate Exceeded.", { status: 429 });
}
