import { randomUUID } from "node:crypto";
import { errorText } from "@lava/core";
import type { EngineContext, QueuedMessage } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";
import { booleanOf, integerOf, required, textOf, textsOf } from "../protocols/input.ts";
import { isJsonObject, type JsonObject } from "../protocols/json.ts";
import { text } from "../store.ts";
import { type FunctionStore, parseFunctionName } from "./function-store.ts";
import type { Invoker } from "./invoker.ts";

/** A queue whose messages a function gets. */
interface Mapping {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly qualifier: string | undefined;
  readonly batchSize: number;
  /** Seconds to wait for a batch to fill. */
  readonly window: number;
  readonly enabled: boolean;
  readonly partial: boolean;
  readonly modified: number;
}

/** Event source mappings: SQS to functions. */
export interface Mappings {
  create(input: JsonObject): object;
  get(id: string): object;
  list(queue: string | undefined, name: string | undefined): object;
  update(id: string, input: JsonObject): object;
  delete(id: string): object;
  close(): Promise<void>;
}

/** A poller that met a fault looks again after so long, in ms. */
const FAULT_MS = 1000;

/** Makes the mappings and polls the queues of those that are enabled. */
export function createMappings(
  context: EngineContext,
  functions: FunctionStore,
  invoker: Invoker,
): Mappings {
  const { store, clock, deliveries, logger, region } = context;
  store.exec(
    "CREATE TABLE IF NOT EXISTS lambda_mappings (id TEXT PRIMARY KEY, mapping TEXT NOT NULL) STRICT",
  );
  const pollers = new Map<
    string,
    { readonly stop: AbortController; readonly done: Promise<void> }
  >();

  // Written by `put` alone.
  const toMapping = (json: string): Mapping => JSON.parse(json);
  const all = (): Mapping[] =>
    store
      .prepare("SELECT mapping FROM lambda_mappings ORDER BY id")
      .all()
      .map((row) => toMapping(text(row, "mapping")));

  function find(id: string): Mapping {
    const row = store.prepare("SELECT mapping FROM lambda_mappings WHERE id = ?").get(id);
    if (row !== undefined) return toMapping(text(row, "mapping"));
    throw new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", {
      status: 404,
    });
  }

  function put(mapping: Mapping): void {
    store.write(() => {
      store
        .prepare("INSERT OR REPLACE INTO lambda_mappings VALUES (?, ?)")
        .run(mapping.id, JSON.stringify(mapping));
    });
    restart(mapping);
  }

  function stop(id: string): void {
    pollers.get(id)?.stop.abort();
    pollers.delete(id);
  }

  function restart(mapping: Mapping): void {
    stop(mapping.id);
    if (!mapping.enabled) return;
    const stopping = new AbortController();
    const done = poll(mapping, stopping.signal);
    pollers.set(mapping.id, { stop: stopping, done });
  }

  async function poll(mapping: Mapping, signal: AbortSignal): Promise<void> {
    // The engines are not all there yet while the endpoint starts.
    await new Promise((resolve) => setImmediate(resolve));
    while (!signal.aborted) {
      try {
        const messages = await gather(mapping, signal);
        if (messages.length > 0 && !signal.aborted) await handle(mapping, messages);
      } catch (error) {
        if (signal.aborted) return;
        logger.warn({ queue: mapping.queue, error: errorText(error) }, "a queue cannot be polled");
        await clock.sleep(FAULT_MS, signal).catch(() => undefined);
      }
    }
  }

  async function gather({ queue, batchSize, window }: Mapping, signal: AbortSignal) {
    const queues = deliveries.use("queues");
    const messages = [
      ...(await queues.receive(queue, { max: Math.min(10, batchSize), wait: 20, signal })),
    ];
    const until = clock.now() + window * 1000;
    while (messages.length > 0 && messages.length < batchSize && !signal.aborted) {
      const wait = Math.max(0, until - clock.now()) / 1000;
      const max = Math.min(10, batchSize - messages.length);
      const more = await queues.receive(queue, { max, wait, signal });
      if (more.length === 0) break;
      messages.push(...more);
    }
    return messages;
  }

  /** Messages that failed stay hidden until their time is over: then the queue gives them again, or buries them. */
  async function handle(mapping: Mapping, messages: readonly QueuedMessage[]): Promise<void> {
    const { name, qualifier, queue, partial } = mapping;
    const event = JSON.stringify({
      Records: messages.map((message) => toRecord(message, queue, region)),
    });
    const arn = functions.arn(name, qualifier);
    const { outcome } = await invoker.invoke(functions.get(name, qualifier), event, { arn });
    if (outcome.fault !== undefined) {
      logger.warn(
        { function: name, error: outcome.fault.errorMessage },
        "a batch of messages failed",
      );
      return;
    }
    const failed = partial ? failures(outcome.json, messages) : new Set<string>();
    const queues = deliveries.use("queues");
    for (const { MessageId, ReceiptHandle } of messages) {
      if (!failed.has(MessageId)) queues.delete(queue, ReceiptHandle);
    }
  }

  function render(mapping: Mapping, state?: string): object {
    const { id, queue, name, qualifier, batchSize, window, enabled, partial, modified } = mapping;
    return {
      UUID: id,
      EventSourceArn: queue,
      FunctionArn: functions.arn(name, qualifier),
      BatchSize: batchSize,
      MaximumBatchingWindowInSeconds: window,
      State: state ?? (enabled ? "Enabled" : "Disabled"),
      StateTransitionReason: "USER_INITIATED",
      LastModified: modified / 1000,
      FunctionResponseTypes: partial ? ["ReportBatchItemFailures"] : [],
    };
  }

  for (const mapping of all()) restart(mapping);

  return {
    create(input) {
      const queue = required(textOf(input, "EventSourceArn"), "EventSourceArn");
      if (queue.split(":")[2] !== "sqs") {
        throw notImplemented("lambda", `CreateEventSourceMapping for ${queue}`);
      }
      if (input["FilterCriteria"] !== undefined) throw notImplemented("lambda", "FilterCriteria");
      if (!deliveries.use("queues").exists(queue)) {
        throw new AwsError(
          "InvalidParameterValueException",
          `Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue: ${queue}`,
        );
      }
      const given = required(textOf(input, "FunctionName"), "FunctionName");
      const { name, qualifier } = parseFunctionName(given);
      functions.get(name, qualifier);
      if (
        all().some((one) => one.queue === queue && one.name === name && one.qualifier === qualifier)
      ) {
        throw new AwsError(
          "ResourceConflictException",
          `The event source arn (" ${queue} ") and function (" ${name} ") provided mapping already exists.`,
          { status: 409 },
        );
      }
      const mapping: Mapping = {
        id: randomUUID(),
        queue,
        name,
        qualifier,
        batchSize: integerOf(input, "BatchSize") ?? 10,
        window: integerOf(input, "MaximumBatchingWindowInSeconds") ?? 0,
        enabled: booleanOf(input, "Enabled") ?? true,
        partial:
          textsOf(input, "FunctionResponseTypes")?.includes("ReportBatchItemFailures") ?? false,
        modified: clock.now(),
      };
      put(mapping);
      return render(mapping);
    },
    get: (id) => render(find(id)),
    list: (queue, name) => ({
      EventSourceMappings: all()
        .filter(
          (one) =>
            (queue === undefined || one.queue === queue) &&
            (name === undefined || one.name === parseFunctionName(name).name),
        )
        .map((one) => render(one)),
    }),
    update(id, input) {
      const known = find(id);
      const mapping = {
        ...known,
        batchSize: integerOf(input, "BatchSize") ?? known.batchSize,
        window: integerOf(input, "MaximumBatchingWindowInSeconds") ?? known.window,
        enabled: booleanOf(input, "Enabled") ?? known.enabled,
        partial:
          textsOf(input, "FunctionResponseTypes")?.includes("ReportBatchItemFailures") ??
          known.partial,
        modified: clock.now(),
      };
      put(mapping);
      return render(mapping);
    },
    delete(id) {
      const mapping = find(id);
      stop(id);
      store.write(() => void store.prepare("DELETE FROM lambda_mappings WHERE id = ?").run(id));
      return render(mapping, "Deleting");
    },
    async close() {
      const running = [...pollers.values()];
      for (const { stop: stopping } of running) stopping.abort();
      await Promise.all(running.map(({ done }) => done));
    },
  };
}

/** The messages that a function wants again; all of them when it names one that it was not given. */
function failures(json: string, messages: readonly QueuedMessage[]): ReadonlySet<string> {
  const ids = new Set(messages.map(({ MessageId }) => MessageId));
  const answer: unknown = JSON.parse(json);
  if (answer === null || answer === undefined) return new Set();
  const list: unknown = isJsonObject(answer) ? answer["batchItemFailures"] : undefined;
  if (list === undefined || list === null) return new Set();
  if (!Array.isArray(list)) return ids;
  const failed = new Set<string>();
  for (const item of list) {
    const id: unknown = isJsonObject(item) ? item["itemIdentifier"] : undefined;
    if (typeof id !== "string" || !ids.has(id)) return ids;
    failed.add(id);
  }
  return failed;
}

function toRecord(message: QueuedMessage, queue: string, region: string): object {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
        name,
        {
          dataType: value.DataType,
          ...(value.StringValue === undefined ? {} : { stringValue: value.StringValue }),
          ...(value.BinaryValue === undefined ? {} : { binaryValue: value.BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: "aws:sqs",
    eventSourceARN: queue,
    awsRegion: region,
  };
}
