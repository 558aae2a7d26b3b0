import { spawn } from "node:child_process";
import { join } from "node:path";
import { benchRealm, cmdJob, workerArgs, WORKER } from "./bench-realm.ts";
import { graphileRates } from "./graphile.ts";
import { type Measurement, median, until } from "./measurement.ts";
import { originalRate } from "./original.ts";
import { cpuMs, startProgram } from "./processes.ts";
import { tempFolder } from "./temp-folder.ts";

const JOBS = 200;
const WARM_UP = 20;
/** The original, measured once beside stand-ins of the same services: as shipped, and with its nap patched out. */
const ORIGINAL: Readonly<Record<number, { shipped: number; best: number }>> = {
  1: { shipped: 0.2, best: 46 },
  4: { shipped: 1.6, best: 41 },
  8: { shipped: 4.2, best: 36 },
};

/** So many jobs for the original as shipped, which naps, where it can run in this run. */
const ORIGINAL_JOBS: Readonly<Record<number, number>> = { 1: 6, 4: 24, 8: 40 };

/**
 * 200 queued `cmd` jobs with 1, 4 and 8 slots; peers in the same run are a loop that only spawns (the limit),
 * graphile-worker where there is a PostgreSQL, and the original where LAVA_ORIGINAL names it.
 */
export async function benchThroughput(): Promise<readonly Measurement[]> {
  const rows: Measurement[] = [];
  using temp = tempFolder();
  const peer = await graphileRates(JOBS, [1, 4, 8], join(temp.path, "graphile"));
  for (const slots of [1, 4, 8]) {
    // Three rounds, each beside its peer, because other programs may disturb one of them.
    const rounds: (Round & { bare: number })[] = [];
    for (let round = 0; round < 3; round += 1)
      rounds.push({ ...(await measure(slots)), bare: await spawnLoop(slots) });
    const middle = (of: keyof Round | "bare"): number => median(rounds.map((round) => round[of]));
    const [rate, cpu, calls, bare] = [
      middle("rate"),
      middle("cpu"),
      middle("calls"),
      middle("bare"),
    ];
    const then = ORIGINAL[slots] ?? { shipped: 0, best: 0 };
    const now = await originalNow(slots);
    const original = now ?? then;
    const graphile = peer?.get(slots);
    rows.push({
      what: `200 \`cmd\` jobs, ${slots} slot${slots > 1 ? "s" : ""}`,
      value: `${rate.toFixed(0)} jobs/s, ${cpu.toFixed(1)} ms CPU and ${calls.toFixed(1)} AWS calls each`,
      peer: `bare spawn loop ${bare.toFixed(0)}/s, ratio ${(rate / bare).toFixed(2)}${graphile === undefined ? "" : `; graphile-worker ${graphile.toFixed(0)}/s, ratio ${(rate / graphile).toFixed(2)}`}; original ${now === undefined ? "once " : ""}${original.shipped.toFixed(1)}/s (${(rate / original.shipped).toFixed(0)}x), its best ${original.best.toFixed(0)}/s (${(rate / original.best).toFixed(1)}x)`,
      budget: "10x, 3x of its best, 7-9 ms CPU",
      ok: rate >= 10 * original.shipped && rate >= 3 * original.best && cpu <= 9,
    });
  }
  return rows;
}

/** The original in this run; undefined where it cannot run. */
async function originalNow(
  slots: number,
): Promise<{ readonly shipped: number; readonly best: number } | undefined> {
  const rate = async (jobs: number, best: boolean): Promise<number | undefined> => {
    await using bench = await benchRealm();
    await bench.put(cmdJob("bench/true", "true"));
    return await originalRate(bench, "bench/true", { slots, jobs, best });
  };
  const shipped = await rate(ORIGINAL_JOBS[slots] ?? 10, false);
  const best = await rate(JOBS, true);
  return shipped === undefined || best === undefined ? undefined : { shipped, best };
}

interface Round {
  /** Jobs a second. */
  readonly rate: number;
  /** Milliseconds of CPU of the worker for each job. */
  readonly cpu: number;
  /** AWS calls for each job. */
  readonly calls: number;
}

/** All are queued before the worker starts; the clock runs from the end of the warm-up to the empty queue. */
async function measure(slots: number): Promise<Round> {
  await using bench = await benchRealm();
  await bench.put(cmdJob("bench/true", "true"));
  const done = (): number => bench.calls.get("sqs:DeleteMessage") ?? 0;
  await Promise.all(
    Array.from({ length: WARM_UP + JOBS }, () =>
      bench.realm.dispatch({ job_id: "bench/true", worker: WORKER }),
    ),
  );
  const worker = await startProgram("worker", workerArgs(slots), bench.env);
  const pid = worker.child.pid ?? 0;
  const sample = (): { cpu: number; calls: number; done: number; at: number } => ({
    cpu: cpuMs(pid),
    calls: [...bench.calls.values()].reduce((sum, count) => sum + count, 0),
    done: done(),
    at: performance.now(),
  });
  try {
    await until(() => done() >= WARM_UP, 60_000, 2);
    const before = sample();
    await until(() => done() >= WARM_UP + JOBS, 120_000, 2);
    const after = sample();
    const jobs = after.done - before.done;
    return {
      rate: jobs / ((after.at - before.at) / 1000),
      cpu: (after.cpu - before.cpu) / jobs,
      calls: (after.calls - before.calls) / jobs,
    };
  } finally {
    await worker.stop();
  }
}

async function spawnLoop(slots: number): Promise<number> {
  let left = JOBS;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: slots }, async () => {
      while (left-- > 0)
        await new Promise((resolve) =>
          spawn("true", { stdio: "ignore", detached: true }).once("close", resolve),
        );
    }),
  );
  return JOBS / ((performance.now() - started) / 1000);
}
