import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openOriginal } from "../../faults/src/mixed/original.ts";
import { type BenchRealm, WORKER } from "./bench-realm.ts";
import { until } from "./measurement.ts";

/** The original's worker naps for 5 s when all its threads are busy. */
const NAP = /^BUSY_SLEEP *=.*/m;

/**
 * Jobs a second of the original in this realm, with so many slots: from its first finished job to its last one. As it is
 * shipped, or, at its `best`, a copy of it that does not nap. Undefined unless LAVA_ORIGINAL names a checkout of it
 * (docs/guide/mixed-fleets.md).
 */
export async function originalRate(
  bench: BenchRealm,
  job_id: string,
  options: { readonly slots: number; readonly jobs: number; readonly best: boolean },
): Promise<number | undefined> {
  const checkout = bench.env["LAVA_ORIGINAL"];
  if (checkout === undefined) return undefined;
  const { slots, jobs, best } = options;
  const env = { ...bench.env, LAVA_REALM: bench.realm.name };
  const code = best ? withoutNap(checkout, join(bench.folder, "original")) : checkout;
  const original = openOriginal(code, bench.env["LAVA_ORIGINAL_PYTHON"] ?? "python3", env);
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

/** A copy of the checkout that does not nap. */
function withoutNap(checkout: string, folder: string): string {
  cpSync(checkout, folder, { recursive: true });
  const worker = join(folder, "bin/lava-worker");
  const text = readFileSync(worker, "utf8");
  if (!NAP.test(text)) throw new Error(`${worker}: its nap was not found`);
  writeFileSync(worker, text.replace(NAP, "BUSY_SLEEP = 0.001"));
  return folder;
}
