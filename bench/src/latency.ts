import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { benchRealm, cmdJob, workerArgs } from "./bench-realm.ts";
import { graphileLatencies } from "./graphile.ts";
import { epochMs, type Measurement, median, ms, percentile, until } from "./measurement.ts";
import { startProgram } from "./processes.ts";

const RUNS = 200;
/** Writes when it was started, to the microsecond, with a shell built-in: nothing else is forked. */
const PAYLOAD = `bash -c 'echo $EPOCHREALTIME > "$0"'`;

/** From the return of the dispatch to the first instruction of the payload, one at a time. */
export async function benchLatency(): Promise<readonly Measurement[]> {
  await using bench = await benchRealm();
  const marks = join(bench.folder, "marks");
  mkdirSync(marks);
  await bench.put(cmdJob("bench/mark", PAYLOAD, { args: [`${marks}/{{ job.run_id }}`] }));
  const worker = await startProgram("worker", workerArgs(4), bench.env);
  const values: number[] = [];
  try {
    for (let i = 0; i < RUNS + 10; i += 1) {
      const { run_id } = await bench.realm.dispatch({ job_id: "bench/mark", worker: "bench" });
      const queued = epochMs();
      await until(
        () =>
          readdirSync(marks).includes(run_id) && readFileSync(join(marks, run_id), "utf8") !== "",
        10_000,
        2,
      );
      if (i >= 10)
        values.push(
          Number(readFileSync(join(marks, run_id), "utf8").replace(",", ".")) * 1000 - queued,
        );
    }
  } finally {
    await worker.stop();
  }
  const peer = await graphileLatencies(RUNS, join(bench.folder, "graphile"));
  const against = (share: number): string =>
    peer === undefined
      ? "no PostgreSQL here"
      : `graphile-worker ${ms(percentile(peer, share))}, ratio ${(percentile(values, share) / percentile(peer, share)).toFixed(2)}`;
  return [
    {
      what: "queued to process started, p50",
      value: ms(median(values)),
      peer: against(0.5),
      budget: "20 ms",
      ok: median(values) <= 20,
    },
    {
      what: "the same, p99",
      value: ms(percentile(values, 0.99)),
      peer: against(0.99),
      budget: "100 ms",
      ok: percentile(values, 0.99) <= 100,
    },
  ];
}
