import { errorText, type Logger, inParallel } from "@lava/core";
import { isAccessDenied, type MetricsClients } from "@lava/realm";
import { resourcePrefix, workerOfQueue } from "@lava/spec";

/** The queue of a worker. */
export interface WorkerQueueUrl {
  readonly worker: string;
  readonly url: string;
}

/** The tag by which the stack tells queues of workers from others (INF-340). */
const TAG = "lava:function";
const WORKER_QUEUE = "worker.dispatch";

/**
 * The queues of a realm's workers (LAM-301, LAM-305): by name, without those that are tagged as something else. A queue
 * without the tag is a worker's, as one made by hand is.
 *
 * @param other name of a queue of the functions' own, which no worker reads
 */
export async function listWorkerQueues(
  realm: string,
  clients: MetricsClients,
  { logger, other }: { readonly logger: Logger; readonly other: string | undefined },
): Promise<WorkerQueueUrl[]> {
  const [sqs, { paginateListQueues, ListQueueTagsCommand }] = await Promise.all([
    clients.sqs(),
    import("../sdk/sqs.ts"),
  ]);
  const named: WorkerQueueUrl[] = [];
  const request = { QueueNamePrefix: resourcePrefix(realm) };
  for await (const page of paginateListQueues({ client: sqs, pageSize: 1000 }, request)) {
    for (const url of page.QueueUrls ?? []) {
      const name = url.slice(url.lastIndexOf("/") + 1);
      const worker = workerOfQueue(realm, name);
      if (worker !== undefined && name !== other) named.push({ worker, url });
    }
  }
  const kept = await inParallel(named, 16, async ({ worker, url }) => {
    try {
      const { Tags = {} } = await sqs.send(new ListQueueTagsCommand({ QueueUrl: url }));
      return (Tags[TAG] ?? WORKER_QUEUE) === WORKER_QUEUE;
    } catch (error) {
      // The roles of older stacks cannot read tags.
      if (!isAccessDenied(error)) {
        logger.warn({ worker, error: errorText(error) }, "cannot read the tags of a queue");
      }
      return true;
    }
  });
  return named.filter((_queue, index) => kept[index] === true);
}
