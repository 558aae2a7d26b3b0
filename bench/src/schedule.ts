import { systemClock } from "@lava/core";
import { benchRealm, cmdJob } from "./bench-realm.ts";
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
    }
  } finally {
    await scheduler.stop();
  }
  return [
    {
      what: `slot to queued, ${JOBS} jobs on one second, p50`,
      value: ms(median(values)),
    },
    {
      what: "the same, p99",
      value: ms(percentile(values, 0.99)),
      budget: "1 s",
      ok: percentile(values, 0.99) <= 1000,
    },
  ];
}
