import { type Clock, errorText, type Logger, inParallel } from "@lava/core";
import type { MetricsClients } from "@lava/realm";
import { queueName } from "@lava/spec";
import type { WorkerQueueUrl } from "./list-queues.ts";

/** How much waits in the queue of a worker. */
export interface QueueCounts {
  readonly worker: string;
  /** Messages that nobody has taken. */
  readonly waiting: number;
  /** Messages that somebody is at work on. */
  readonly inFlight: number;
}

/** The counts of each queue; one that cannot be read is logged and left out (LAM-301). */
export async function readQueues(
  queues: readonly WorkerQueueUrl[],
  clients: MetricsClients,
  logger: Logger,
): Promise<QueueCounts[]> {
  const [sqs, { GetQueueAttributesCommand }] = await Promise.all([
    clients.sqs(),
    import("../sdk/sqs.ts"),
  ]);
  const read = await inParallel(queues, 16, async ({ worker, url }) => {
    try {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: url,
          AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        }),
      );
      const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes;
      return {
        worker,
        waiting: Number(ApproximateNumberOfMessages ?? 0),
        inFlight: Number(ApproximateNumberOfMessagesNotVisible ?? 0),
      };
    } catch (error) {
      logger.error({ worker, error: errorText(error) }, "cannot read the depth of a queue");
      return undefined;
    }
  });
  return read.flatMap((counts) => counts ?? []);
}

/** Queries of one call. */
const MAX_QUERIES = 500;

/** How far back the age is looked for: SQS tells it some minutes late. */
const AGE_WINDOW_MS = 600_000;

/**
 * Age in seconds of the oldest message of each worker, where SQS has told it (LAM-305). A function that may not ask gets
 * none; that is logged and no more.
 */
export async function readAges(
  realm: string,
  workers: readonly string[],
  clients: MetricsClients,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<ReadonlyMap<string, number>> {
  const ages = new Map<string, number>();
  try {
    const [cloudWatch, { GetMetricDataCommand }] = await Promise.all([
      clients.cloudWatch(),
      import("../sdk/cloudwatch.ts"),
    ]);
    const now = clock.now();
    for (let from = 0; from < workers.length; from += MAX_QUERIES) {
      const some = workers.slice(from, from + MAX_QUERIES);
      // oxlint-disable-next-line no-await-in-loop -- more than one call is rare
      const { MetricDataResults = [] } = await cloudWatch.send(
        new GetMetricDataCommand({
          StartTime: new Date(now - AGE_WINDOW_MS),
          EndTime: new Date(now + 60_000),
          ScanBy: "TimestampDescending",
          MetricDataQueries: some.map((worker, index) => ({
            Id: `q${index}`,
            MetricStat: {
              Metric: {
                Namespace: "AWS/SQS",
                MetricName: "ApproximateAgeOfOldestMessage",
                Dimensions: [{ Name: "QueueName", Value: queueName(realm, worker) }],
              },
              Period: 60,
              Stat: "Maximum",
            },
          })),
        }),
      );
      for (const { Id = "", Values: [latest] = [] } of MetricDataResults) {
        const worker = some[Number(Id.slice(1))];
        if (worker !== undefined && latest !== undefined) ages.set(worker, latest);
      }
    }
  } catch (error) {
    logger.warn({ error: errorText(error) }, "cannot read the age of messages");
  }
  return ages;
}
