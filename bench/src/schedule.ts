import { systemClock } from "@lava/core";
import { benchRealm, type BenchRealm, cmdJob, WORKER } from "./bench-realm.ts";
import { type Measurement, median, ms, percentile, until } from "./measurement.ts";
import { startProgram } from "./processes.ts";

const JOBS = 2000;
const SLOTS = 3;
const EVERY_MS = 20_000;

/** From a second that 2,000 jobs share until each of their messages is in its queue. */
export async function benchSchedule(): Promise<readonly Measurement[]> {
  await using bench = await benchRealm();
  const { realm } = bench;
  for (let index = 0; index < JOBS; index += 1) {
    await bench.put({
      ...cmdJob(`bench/${index}`, "true"),
      dispatcher: "main",
      "x-lava-every": `${EVERY_MS / 1000}s`,
    });
  }
  const scheduler = await startProgram("scheduler", [], { ...bench.env, LAVA_REALM: realm.name });
  const values: number[] = [];
  const whole: number[] = [];
  try {
    const first = Math.floor(systemClock.now() / EVERY_MS) * EVERY_MS + EVERY_MS;
    for (let slot = first; slot < first + SLOTS * EVERY_MS; slot += EVERY_MS) {
      // Nothing is asked of the endpoint while it is measured.
      await systemClock.sleep(Math.max(0, slot + 8000 - systemClock.now()));
      await until(
        async () => ((await realm.schedule.leader("scheduler", "", "").look()).cursor ?? 0) >= slot,
      );
      for (let index = 0; index < JOBS; index += 1) {
        const [entry] = await realm.schedule.slots.list(`bench/${index}`, {
          since: slot,
          until: slot,
        });
        if (entry?.sent === undefined) throw new Error(`slot of bench/${index} was not sent`);
        values.push(entry.sent - slot);
      }
      whole.push(Math.max(...values.slice(-JOBS)));
    }
  } finally {
    await scheduler.stop();
  }
  const peer = await sendAll(bench);
  return [
    {
      what: `slot to queued, ${JOBS} jobs on one second, p50`,
      value: ms(median(values)),
    },
    {
      what: "the same, p99",
      value: ms(percentile(values, 0.99)),
      peer:
        `a bare loop that sends ${JOBS} messages ten at a time ${ms(peer)}, ` +
        `ratio of the last one ${(median(whole) / peer).toFixed(2)}`,
      budget: "1 s",
      ok: percentile(values, 0.99) <= 1000,
    },
  ];
}

/** The peer: the same messages to the same queue, with nothing entered or decided, in ms. */
async function sendAll({ realm }: BenchRealm): Promise<number> {
  const queue = realm.queue(WORKER);
  const body = (index: number): string =>
    JSON.stringify({
      realm: "bench",
      worker: WORKER,
      job_id: `bench/${index}`,
      run_id: `${index}`,
    });
  await queue.sendBatch([{ body: body(0) }]);
  const times: number[] = [];
  for (let round = 0; round < SLOTS; round += 1) {
    const started = performance.now();
    const batches = Array.from({ length: JOBS / 10 }, (_, batch) =>
      Array.from({ length: 10 }, (__, index) => ({ body: body(batch * 10 + index) })),
    );
    const lane = async (): Promise<void> => {
      for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
        await queue.sendBatch(batch);
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    times.push(performance.now() - started);
  }
  return median(times);
}
