import { setTimeout as delay } from "node:timers/promises";
import { openOriginal } from "../../faults/src/mixed/original.ts";
import { type BenchRealm, WORKER } from "./bench-realm.ts";
import { until } from "./measurement.ts";

/**
 * Jobs a second of the original as shipped, in this realm, with so many slots: from its first finished job to its last one.
 * Undefined unless LAVA_ORIGINAL names a checkout of it (docs/guide/mixed-fleets.md).
 */
export async function originalRate(
  bench: BenchRealm,
  job_id: string,
  slots: number,
  jobs: number,
): Promise<number | undefined> {
  const checkout = bench.env["LAVA_ORIGINAL"];
  if (checkout === undefined) return undefined;
  const env = { ...bench.env, LAVA_REALM: bench.realm.name };
  const original = openOriginal(checkout, bench.env["LAVA_ORIGINAL_PYTHON"] ?? "python3", env);
  const done = (): number => bench.calls.get("sqs:DeleteMessage") ?? 0;
  const before = done();
  for (let i = 0; i < jobs; i += 1) await bench.realm.dispatch({ job_id, worker: WORKER });
  const worker = await original.startWorker({
    threads: slots,
    worker: WORKER,
    sleep: 10,
    wait: 10,
  });
  try {
    await until(() => done() > before, 60_000, 5);
    const [first, started] = [done(), performance.now()];
    await until(() => done() >= before + jobs, 300_000, 5);
    return (before + jobs - first) / ((performance.now() - started) / 1000);
  } finally {
    worker.kill("SIGKILL");
    await worker.ended;
    await delay(100);
  }
}
