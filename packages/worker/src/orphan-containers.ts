import type { ContainerSummary, DockerClient } from "@lava/connectors";
import { errorText, type Logger } from "@lava/core";
import type { Fence, LeaseRecord, Realm, RunKey } from "@lava/realm";

/** Labels of a job's container: the original's five (JOB-docker-08), and who holds the run. */
export function containerLabels(
  job: RunKey & { readonly realm: string; readonly worker: string; readonly owner: string },
  { holder, epoch }: Fence,
): Readonly<Record<string, string>> {
  return {
    "lava.realm": job.realm,
    "lava.worker": job.worker,
    "lava.owner": job.owner,
    "lava.job_id": job.job_id,
    "lava.run_id": job.run_id,
    "lava.holder": holder,
    "lava.epoch": String(epoch),
  };
}

/**
 * Removes what earlier holders of a run have left on a daemon: the run was taken over, and no two payloads of it
 * may be alive together (design 5). Containers of Python workers have no holder and are left alone.
 *
 * @returns how many there were
 */
export async function removeEarlierContainers(
  client: DockerClient,
  run: RunKey,
  fence: Fence,
  logger: Logger,
): Promise<number> {
  const found = await client.list({ "lava.run_id": run.run_id, "lava.job_id": run.job_id });
  const earlier = found.filter(
    ({ labels }) =>
      labels["lava.holder"] !== undefined &&
      labels["lava.holder"] !== fence.holder &&
      Number(labels["lava.epoch"]) < fence.epoch,
  );
  return removeAll(client, earlier, logger);
}

/**
 * Removes the containers of a worker whose holders are dead: fenced, ended or without a renewed lease.
 *
 * @returns how many there were
 */
export async function removeOrphans(
  client: DockerClient,
  realm: Realm,
  worker: string,
  logger: Logger,
): Promise<number> {
  const found = await client.list({ "lava.realm": realm.name, "lava.worker": worker });
  const held = found.filter(({ labels }) => labels["lava.holder"] !== undefined);
  if (held.length === 0) return 0;
  const leases = await realm.runs.listLeases(worker);
  const living = new Set(
    leases
      .filter((lease) => isLive(lease, realm.clock.now()))
      .map(({ process }) => `${worker}/${process}`),
  );
  const orphans = held.filter(({ labels }) => !living.has(labels["lava.holder"] ?? ""));
  return removeAll(client, orphans, logger);
}

function isLive({ state, expires }: LeaseRecord, now: number): boolean {
  return state === "live" && expires + GRACE_MS > now;
}

/** What {@link sweepOrphans} needs. */
export interface SweepOptions {
  readonly realm: Realm;
  readonly worker: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Aborts when the worker stops. */
  readonly signal: AbortSignal;
}

/**
 * Looks at the start of a worker for what its dead processes have left on the realm's own daemon (other daemons are
 * looked at by the jobs that use them). No daemon is asked unless a process has died without ending its lease; one
 * that may have died a moment ago is looked for again later. Never throws.
 */
export async function sweepOrphans(options: SweepOptions): Promise<void> {
  const { realm, worker, env, logger, signal } = options;
  const conn_id = realm.record.docker;
  if (conn_id === undefined) return;
  try {
    for (let look = 1; look <= 2; look += 1) {
      const leases = await realm.runs.listLeases(worker);
      const now = realm.clock.now();
      if (leases.some((lease) => lease.state !== "ended" && !isLive(lease, now))) {
        const { connect } = await import("@lava/connectors");
        await using client = await connect(conn_id, { realm, type: "docker", env });
        await removeOrphans(client, realm, worker, logger);
      }
      if (look === 2 || !leases.some((lease) => isLive(lease, now))) return;
      await realm.clock.sleep(2 * GRACE_MS, signal);
    }
  } catch (error) {
    if (signal.aborted) return;
    const text = `Connection ${conn_id}: orphaned containers cannot be looked for: ${errorText(error)}`;
    logger.warn({ event_type: "worker" }, text);
  }
}

/** How far clocks may differ, amply: whoever is only late has a watchdog of its own. */
const GRACE_MS = 60_000;

async function removeAll(
  client: DockerClient,
  containers: readonly ContainerSummary[],
  logger: Logger,
): Promise<number> {
  for (const { id, name, labels } of containers) {
    const run = `${labels["lava.job_id"] ?? ""} ${labels["lava.run_id"] ?? ""}`;
    try {
      await client.remove(id);
      logger.warn(
        { event_type: "worker" },
        `Removed container ${name} that ${labels["lava.holder"] ?? ""} had left of run ${run}`,
      );
    } catch (error) {
      const text = `Could not remove container ${name} of run ${run}: ${errorText(error)}`;
      logger.error({ event_type: "worker" }, text);
    }
  }
  return containers.length;
}
