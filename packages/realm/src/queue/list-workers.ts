import { resourcePrefix, workerOfQueue } from "@lava/spec";
import { fromAwsError } from "../aws-errors.ts";
import type { AwsClients } from "../clients.ts";

/** The workers of a realm that have a queue, sorted. */
export async function listWorkers(realm: string, clients: AwsClients): Promise<string[]> {
  const [sqs, { paginateListQueues }] = await Promise.all([clients.sqs(), import("../sdk/sqs.ts")]);
  const workers: string[] = [];
  try {
    const pages = paginateListQueues(
      { client: sqs, pageSize: 1000 },
      { QueueNamePrefix: resourcePrefix(realm) },
    );
    for await (const { QueueUrls = [] } of pages) {
      for (const url of QueueUrls) {
        const worker = workerOfQueue(realm, url.slice(url.lastIndexOf("/") + 1));
        if (worker !== undefined) workers.push(worker);
      }
    }
  } catch (error) {
    throw fromAwsError(error, clients.settings, "SQS");
  }
  return workers.sort();
}
