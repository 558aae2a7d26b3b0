import { benchRealm, workerArgs } from "./bench-realm.ts";
import { type Measurement, median, ms, until } from "./measurement.ts";
import { childrenOf, rssMb, startProgram } from "./processes.ts";

const IDLE_MS = 20_000;

/** A worker process: time to its first poll, memory, and what it asks of AWS while it has nothing to do. */
export async function benchWorkerStart(): Promise<readonly Measurement[]> {
  await using bench = await benchRealm();
  const polls = (): number => bench.calls.get("sqs:ReceiveMessage") ?? 0;
  const times: number[] = [];
  let [worker, watchdog, idle] = [0, 0, 0];
  for (let round = 0; round < 5; round += 1) {
    const before = polls();
    const started = performance.now();
    const starting = startProgram("worker", workerArgs(4), bench.env);
    await until(() => polls() > before, 10_000, 2);
    times.push(performance.now() - started);
    const running = await starting;
    if (round === 4) {
      const sum = (): number =>
        [...bench.calls.values()].reduce((total, count) => total + count, 0);
      const calls = sum();
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
      idle = (sum() - calls) / (IDLE_MS / 60_000);
      const pid = running.child.pid ?? 0;
      worker = rssMb(pid) ?? 0;
      watchdog = Math.max(0, ...childrenOf(pid).map((child) => rssMb(child) ?? 0));
    }
    await running.stop();
  }
  return [
    {
      what: "worker: start to first poll",
      value: ms(median(times)),
      peer: "original: 0.7 s",
      budget: "0.3 s",
      ok: median(times) <= 300,
    },
    {
      what: "worker: memory, idle, 4 slots",
      value: `${worker.toFixed(0)} MB`,
      peer: "original: 115 MB",
      budget: "100 MB",
      ok: worker <= 100,
    },
    {
      what: "watchdog: memory",
      value: `${watchdog.toFixed(0)} MB`,
      budget: "45 MB",
      ok: watchdog <= 45,
    },
    {
      what: "worker: AWS calls while idle",
      value: `${idle.toFixed(0)} a minute`,
      peer: "long polls of 10 s: 6, lease renewals",
    },
  ];
}
