import type { DataMap } from "@lava/core";
import type { RunKey } from "@lava/realm";
import { type BenchRealm, benchRealm, cmdJob, WORKER, workerArgs } from "./bench-realm.ts";
import { type Measurement, median, ms, until } from "./measurement.ts";
import { startProgram } from "./processes.ts";

const NODES = 10_000;

/** Chains, dags and foreach: how long a whole run takes, and how soon a very large dag begins. */
export async function benchChildren(): Promise<readonly Measurement[]> {
  await using bench = await benchRealm();
  const { realm } = bench;
  const steps = Array.from({ length: 40 }, (_, i) => `bench/step-${i}`);
  const nodes = Array.from({ length: 20 }, (_, i) => `bench/node-${i}`);
  await putAll(bench, [
    ...[...steps, ...nodes].map((job_id) => cmdJob(job_id, "true")),
    { job_id: "bench/light", type: "log", payload: "" },
    { job_id: "bench/chain", type: "chain", payload: [...steps] },
    { job_id: "bench/log-chain", type: "chain", payload: steps.map(() => "bench/light") },
    {
      job_id: "bench/dag",
      type: "dag",
      // Layers of four, each node after two of the layer before.
      payload: Object.fromEntries(
        nodes.map((id, i) => [
          id,
          i < 4 ? null : [nodes[i - 4] ?? "", nodes[i % 4 === 0 ? i - 1 : i - 5] ?? ""],
        ]),
      ),
      parameters: { workers: 4 },
    },
    {
      job_id: "bench/each",
      type: "foreach",
      payload: "bench/step-0",
      parameters: { limit: 1000, foreach: { type: "range", stop: 1000, name: "i" } },
    },
    { job_id: "bench/large", type: "dag", payload: {}, "x-lava-graph": realm.temp.uri("g.json") },
  ]);
  await putLarge(bench);
  const env = { ...bench.env, LAVA_FOREACH_MAX_LIMIT: "1000", LAVA_DAG_MAX_WORKERS: "8" };
  const worker = await startProgram("worker", workerArgs(4), env);
  try {
    const once = (job_id: string): Promise<number> => timeOf(bench, job_id);
    const often = async (job_id: string): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 5; round += 1) times.push(await once(job_id));
      return median(times.slice(1));
    };
    const row = (what: string, time: number, budget: number, peer?: string): Measurement => ({
      what,
      value: ms(time),
      budget: ms(budget),
      ok: time <= budget,
      ...(peer === undefined ? {} : { peer }),
    });
    const rows = [
      row("chain of 40 `cmd`", await often("bench/chain"), 1000, "original: 2.3 s"),
      row("chain of 40 `log`", await often("bench/log-chain"), 500),
      row("dag of 20 `cmd`, 4 at a time", await often("bench/dag"), 500, "original: 2.3 s"),
      row("foreach of 1,000 `cmd`", await once("bench/each"), 10_000),
    ];
    return [...rows, ...(await large(bench, row))];
  } finally {
    await worker.stop();
  }
}

/** 10,000 nodes in S3: from the start of the run to that of the first child, and to the end. */
async function large(
  bench: BenchRealm,
  row: (what: string, time: number, budget: number) => Measurement,
): Promise<readonly Measurement[]> {
  const { realm } = bench;
  const run = await realm.dispatch({ job_id: "bench/large", worker: WORKER });
  const first = { job_id: "bench/n0", run_id: run.run_id };
  await until(async () => (await startOf(bench, first)) !== undefined, 30_000, 5);
  const began = (await startOf(bench, first)) ?? 0;
  const top = (await startOf(bench, run)) ?? 0;
  const total = await endOf(bench, run);
  const item = await realm.events.get(run);
  const size = Buffer.byteLength(JSON.stringify(item?.log ?? []));
  return [
    row(`dag of ${NODES} nodes: first dispatch`, began - top, 1000),
    {
      what: `dag of ${NODES} nodes: whole, \`log\` each`,
      value: `${ms(total)}, ${item?.status ?? ""}`,
      budget: "400 KB an item",
      peer: `log of its item: ${(size / 1024).toFixed(0)} KB`,
      ok: size < 400 * 1024 && item?.status === "complete",
    },
  ];
}

async function putLarge(bench: BenchRealm): Promise<void> {
  const ids = Array.from({ length: NODES }, (_, i) => `bench/n${i}`);
  const graph = Object.fromEntries(
    ids.map((id, i) => [id, i === 0 ? null : [ids[(i - 1) >> 3], ids[Math.max(0, i - 5) >> 2]]]),
  );
  await bench.realm.temp.put("g.json", JSON.stringify(graph));
  await putAll(
    bench,
    ids.map((job_id) => ({ job_id, type: "log", payload: "" })),
  );
}

async function putAll(bench: BenchRealm, jobs: readonly DataMap[]): Promise<void> {
  for (let first = 0; first < jobs.length; first += 50) {
    await Promise.all(jobs.slice(first, first + 50).map((job) => bench.put(job)));
  }
}

/** Milliseconds from the beginning of a run to its end, by its own events. */
async function timeOf(bench: BenchRealm, job_id: string): Promise<number> {
  return endOf(bench, await bench.realm.dispatch({ job_id, worker: WORKER }));
}

async function endOf({ realm }: BenchRealm, run: RunKey): Promise<number> {
  let time: number | undefined;
  await until(
    async () => {
      const { extra, status } = (await realm.events.get(run)) ?? {};
      if (status === "failed" || status === "rejected") throw new Error(`${run.job_id} ${status}`);
      const [start, end] = [extra?.["x_started"], extra?.["x_ended"]];
      if (typeof start === "string" && typeof end === "string") {
        time = Date.parse(end) - Date.parse(start);
      }
      return time !== undefined;
    },
    300_000,
    50,
  );
  return time ?? Number.NaN;
}

async function startOf({ realm }: BenchRealm, run: RunKey): Promise<number | undefined> {
  const start = (await realm.events.get(run))?.extra["x_started"];
  return typeof start === "string" ? Date.parse(start) : undefined;
}
