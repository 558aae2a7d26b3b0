import type { Logger } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { RunTracker, Worker } from "@lava/worker";

const SECRET = /password|secret|token|key$/i;

/** What {@link describeWorker} looks at. */
export interface DescribedWorker {
  readonly worker: Worker;
  readonly realm: Realm;
  readonly threads: number;
  readonly tracker: RunTracker;
  readonly logger: Logger;
}

/** SIGUSR1: the state of the worker, its runs and its configuration, without secrets (WK-152, OPS-162). */
export function describeWorker({ worker, realm, threads, tracker, logger }: DescribedWorker): void {
  const fields = { event_type: "worker" };
  const log = (text: string): void => {
    logger.info(fields, text);
  };
  const names = Array.from({ length: threads }, (_, n) => `worker-${String(n).padStart(2, "0")}`);
  const all = ["event", ...names, ...(realm.config.CW_METRICS_WORKER ? ["metrics"] : [])];
  log(
    `Current thread status: ${JSON.stringify(Object.fromEntries(all.map((name) => [name, "OK"])))}`,
  );
  log(`Worker state: ${worker.state}`);
  log(`Jobs running: ${worker.running}`);
  for (const run of tracker.snapshot()?.runs ?? []) {
    const seconds = Math.round((realm.clock.now() - run.since) / 1000);
    log(
      `Job ${run.job_id} (${run.run_id}): ${run.status} for ${seconds} seconds, attempt ${run.attempt}`,
    );
  }
  log(`Deferred event count: ${worker.deferredTasks}`);
  for (const [name, value] of Object.entries(realm.config)) {
    log(`Worker config: ${name}=${SECRET.test(name) ? "****" : String(value ?? "")}`);
  }
}
