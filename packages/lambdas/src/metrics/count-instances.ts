import type { MetricsClients } from "@lava/realm";
import { queueName, workerOfQueue } from "@lava/spec";

/** Names of one call: the service takes no more. */
const CHUNK = 50;

/**
 * Instances in service of each worker whose scaling group has its name; workers without a group are left out (LAM-302).
 * Never asks with an empty list, which would mean every group of the account (LAM-305, TRAP-LAM-03).
 */
export async function countInstances(
  realm: string,
  workers: readonly string[],
  clients: MetricsClients,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  if (workers.length === 0) return counts;
  const [autoScaling, { paginateDescribeAutoScalingGroups }] = await Promise.all([
    clients.autoScaling(),
    import("../sdk/auto-scaling.ts"),
  ]);
  for (let from = 0; from < workers.length; from += CHUNK) {
    const names = workers.slice(from, from + CHUNK).map((worker) => queueName(realm, worker));
    const pages = paginateDescribeAutoScalingGroups(
      { client: autoScaling },
      { AutoScalingGroupNames: names },
    );
    for await (const { AutoScalingGroups = [] } of pages) {
      for (const { AutoScalingGroupName = "", Instances = [] } of AutoScalingGroups) {
        const worker = workerOfQueue(realm, AutoScalingGroupName);
        const inService = Instances.filter(({ LifecycleState }) => LifecycleState === "InService");
        if (worker !== undefined) counts.set(worker, inService.length);
      }
    }
  }
  return counts;
}
