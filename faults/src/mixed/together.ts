import { setTimeout as delay } from "node:timers/promises";
import { type RunKey, type RunRecord, isTerminal } from "@lava/realm";
import { sampleRun } from "@lava/testing";
import { withoutKnownDifferences } from "../../../packages/worker/test/golden/known-differences.ts";
import { type RecordedCase, untilEnded } from "./cases.ts";
import type { MixedRealm } from "./realm.ts";

/** Tells what was found: a sentence, and whether it is as it should be. */
export type Check = (what: string, ok: boolean, detail?: string) => void;

/** Jobs that are dispatched to both kinds of worker at the same time, again and again. */
const SHARED = [
  "g/ok",
  "g/err",
  "g/retry",
  "g/chain",
  "g/dag",
  "g/each",
  "g/sends",
  "g/exe",
  "g/reads",
];
const ROUNDS = 6;

/** Both kinds of worker serve one queue: whoever takes a message, the realm looks the same afterwards. */
export async function runTogether(
  { realm, original, fleet }: MixedRealm,
  recorded: readonly RecordedCase[],
  check: Check,
): Promise<void> {
  await using _python = await original.startWorker();
  const own = await fleet.add();
  const earlier = new Set((await list()).map(({ job_id, run_id }) => `${job_id} ${run_id}`));
  for (let round = 0; round < ROUNDS; round += 1) {
    if (round % 2 === 0) {
      await original.run("lava-dispatcher", ["-w", "core", ...SHARED]);
    } else {
      for (const job_id of SHARED) await realm.dispatch({ job_id });
    }
    await delay(500);
  }
  const all = await untilAllEnded();
  const ours = all.filter(({ extra }) => extra["x_epoch"] !== undefined).length;
  check(
    `one queue: ${all.length} runs of ${SHARED.length} jobs, ${ours} by ours and ${all.length - ours} by the original`,
    ours > 0 && ours < all.length,
  );
  let same = 0;
  for (const { job_id, run_id } of all) {
    const expected = recorded.find((one) => one.job_id === job_id)?.sample;
    const found = await sampleRun({ realm, run: { job_id, run_id } });
    const [a, b] = [expected, found].map(
      (sample) => sample && JSON.stringify(sorted(withoutKnownDifferences(sample))),
    );
    if (a === b) same += 1;
    else check(`${job_id} ${run_id} looks as it should`, false, `expected ${a}\nfound ${b}`);
  }
  check(
    `one queue: ${same} of ${all.length} runs look alike, whoever ran them`,
    same === all.length,
  );
  own.kill("SIGTERM");
  await own.ended;

  async function list(): Promise<RunRecord[]> {
    const pages = await Promise.all(
      SHARED.map((job_id) => realm.events.listByJob(job_id, { limit: 500 })),
    );
    const items = pages.flatMap((page) => page.items);
    return items.filter((run) => !isChild(run, items));
  }

  async function untilAllEnded(): Promise<RunRecord[]> {
    const wanted = ROUNDS * SHARED.length;
    const end = performance.now() + 120_000;
    for (;;) {
      const fresh = (await list()).filter((run) => !earlier.has(`${run.job_id} ${run.run_id}`));
      if (fresh.length >= wanted && fresh.every(({ status }) => isTerminal(status))) {
        await delay(2500); // the original writes its last events a moment after the end
        return Promise.all(fresh.map((run) => untilEnded(realm, run)));
      }
      if (performance.now() > end) {
        throw new Error(`${fresh.length} of ${wanted} runs after two minutes`);
      }
      await delay(300);
    }
  }
}

const PARENTS = new Set(["g/chain", "g/dag", "g/each", "g/broken", "g/lenient"]);

function isChild(run: RunKey, all: readonly RunKey[]): boolean {
  return (
    !PARENTS.has(run.job_id) &&
    all.some((other) => other.run_id === run.run_id && PARENTS.has(other.job_id))
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}
