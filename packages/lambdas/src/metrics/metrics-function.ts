import { errorText, type Logger } from "@lava/core";
import { awsSettingsFromEnv, createMetricsClients, type MetricsClients } from "@lava/realm";
import {
  type BareFunctionOptions,
  checkRealm,
  type Handler,
  openBareFunction,
} from "../function.ts";
import { createTtlCache } from "../ttl-cache.ts";
import { backlogOf } from "./backlog.ts";
import { countInstances } from "./count-instances.ts";
import { listWorkerQueues, type WorkerQueueUrl } from "./list-queues.ts";
import { readAges, readQueues } from "./read-queues.ts";

/** What the function metrics is made of. */
export interface MetricsFunctionOptions extends BareFunctionOptions {
  readonly clients?: MetricsClients;
}

/** What the function metrics has published of one worker. */
export interface WorkerMetrics {
  readonly worker: string;
  /** Null without an instance in service. */
  readonly backlog: number | null;
  readonly in_flight: number;
  /** Seconds; null where SQS has not told it. */
  readonly age: number | null;
}

/** What the function metrics answers. */
export interface MetricsAnswer {
  readonly workers: readonly WorkerMetrics[];
}

/** How long the list of queues counts, in seconds (LAM-305). */
const QUEUES_TTL = 120;

/** Values of one call: CloudWatch takes no more. */
const MAX_VALUES = 1000;

/**
 * The function metrics: how much work waits for each instance of each worker, for the scaling of their groups
 * (LAM-300..305, OPS-180).
 *
 * @throws {LavaError} NO_REALM, BAD_CONFIG, BAD_LOG_LEVEL
 */
export function createMetricsFunction(options: MetricsFunctionOptions): Handler<MetricsAnswer> {
  const { realm, config, logger: root, clock } = openBareFunction(options);
  const clients = options.clients ?? createMetricsClients(awsSettingsFromEnv(options.env));
  const known = createTtlCache<readonly WorkerQueueUrl[]>({ clock, ttl: QUEUES_TTL, size: 1 });

  return async (event, { awsRequestId: request_id, functionName }) => {
    const logger = root.child({ request_id });
    logger.debug({ event }, "received event");
    checkRealm(realm, [functionName]);
    const queues = await known.load(realm, () =>
      listWorkerQueues(realm, clients, { logger, other: config.LAMBDA_DLQ }),
    );
    const names = queues.map(({ worker }) => worker);
    const [counts, instances, ages] =
      queues.length === 0
        ? [[], new Map<string, number>(), new Map<string, number>()]
        : await Promise.all([
            readQueues(queues, clients, logger),
            countInstances(realm, names, clients),
            readAges(realm, names, clients, { clock, logger }),
          ]);
    const workers = counts.map(({ worker, waiting, inFlight }) => ({
      worker,
      backlog: backlogOf(waiting, instances.get(worker) ?? 0) ?? null,
      in_flight: inFlight,
      age: ages.get(worker) ?? null,
    }));
    await publish(workers, { realm, namespace: config.CW_NAMESPACE, clients, logger });
    logger.info({ workers: workers.length, errors: queues.length - counts.length }, "completed");
    return { workers };
  };
}

interface Target {
  readonly realm: string;
  readonly namespace: string;
  readonly clients: MetricsClients;
  readonly logger: Logger;
}

/** Puts the values (LAM-304). @throws what the service throws, for Lambda's log and alarms */
async function publish(workers: readonly WorkerMetrics[], target: Target): Promise<void> {
  const { realm, namespace, clients, logger } = target;
  const data = workers.flatMap(({ worker, backlog, in_flight, age }) => {
    const Dimensions = [
      { Name: "Realm", Value: realm },
      { Name: "Worker", Value: worker },
    ];
    return [
      ...(backlog === null ? [] : [{ MetricName: "WorkerBacklog", Dimensions, Value: backlog }]),
      { MetricName: "WorkerInFlight", Dimensions, Value: in_flight, Unit: "Count" as const },
      ...(age === null
        ? []
        : [{ MetricName: "WorkerQueueAge", Dimensions, Value: age, Unit: "Seconds" as const }]),
    ];
  });
  try {
    const [cloudWatch, { PutMetricDataCommand }] = await Promise.all([
      clients.cloudWatch(),
      import("../sdk/cloudwatch.ts"),
    ]);
    for (let from = 0; from < data.length; from += MAX_VALUES) {
      const MetricData = data.slice(from, from + MAX_VALUES);
      // oxlint-disable-next-line no-await-in-loop -- more than one call is rare
      await cloudWatch.send(new PutMetricDataCommand({ Namespace: namespace, MetricData }));
    }
  } catch (error) {
    logger.error({ error: errorText(error) }, "cannot publish metrics");
    throw error;
  }
}
