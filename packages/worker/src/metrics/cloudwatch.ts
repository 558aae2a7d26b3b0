import { type Data, errorText, isTruthy, parseDuration } from "@lava/core";
import type { ObservedWorker, WorkerObserver } from "../observer.ts";
import { readHostStats } from "./host-stats.ts";
import { createMetricBatcher, type Metric } from "./metric-batcher.ts";

/** Milliseconds before the first metrics of a worker (WK-171). */
const FIRST_MS = 15_000;
/** How long a worker that stops waits for its last metrics. */
const LAST_MS = 3000;

/**
 * Sends metrics of jobs and of the worker to CloudWatch, as far as the realm and its jobs ask for them (WF-200 to
 * WF-207). Nothing of it can hold up or fail a run; what cannot be sent is told as a `side_failed` event.
 *
 * @param env of the worker, for DOCKER_HOST
 */
export function cloudWatchMetrics(
  env: Readonly<Record<string, string | undefined>>,
  times: { readonly firstMs?: number; readonly waitMs?: number } = {},
): WorkerObserver {
  return (worker) => {
    const { realm, events, clock } = worker;
    const { config } = realm;
    const batcher = createMetricBatcher({
      send: (metrics) => send(metrics, worker),
      onFailure: (error, dropped) => {
        const lost = dropped === 0 ? "" : ` (${dropped} values given up)`;
        const text = `Metrics could not be sent to CloudWatch: ${errorText(error)}${lost}`;
        events.emit("side_failed", { channel: "cloudwatch", reason: "metrics_failed", text });
      },
      clock,
      ...(times.waitMs === undefined ? {} : { waitMs: times.waitMs }),
    });
    const isWanted = (cw_metrics: Data | undefined): boolean =>
      cw_metrics === undefined ? config.CW_METRICS_JOB : isYes(cw_metrics);

    events.on("began", ({ ts_dispatch, ts_start, isFirst, cw_metrics }) => {
      if (!isFirst || !isWanted(cw_metrics)) return;
      batcher.add({
        name: "RunDelay",
        dimensions: [...ofWorker(worker)],
        unit: "Seconds",
        value: Math.max(0, (ts_start - ts_dispatch) / 1000),
        time: ts_dispatch,
      });
    });
    events.on("ended", ({ job_id, ts_dispatch, seconds, isFailed, cw_metrics }) => {
      if (!isWanted(cw_metrics)) return;
      const dimensions = [["Realm", realm.name] as const, ["Job", job_id] as const];
      const job = { dimensions, time: ts_dispatch };
      batcher.add({ ...job, name: "RunTime", unit: "Seconds", value: seconds });
      batcher.add({ ...job, name: "JobFailed", unit: "None", value: isFailed ? 1 : 0 });
    });

    const stopping = new AbortController();
    const looking = config.CW_METRICS_WORKER
      ? look(worker, env, batcher.add, times.firstMs ?? FIRST_MS, stopping.signal)
      : Promise.resolve();
    return {
      async [Symbol.asyncDispose]() {
        stopping.abort();
        await looking;
        await batcher.close(LAST_MS);
      },
    };
  };
}

const ofWorker = ({ realm, worker }: ObservedWorker) =>
  [
    ["Realm", realm.name],
    ["Worker", worker],
  ] as const;

/** The worker's own metrics, period after period. */
async function look(
  worker: ObservedWorker,
  env: Readonly<Record<string, string | undefined>>,
  add: (metric: Metric) => void,
  firstMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { clock, realm, origin } = worker;
  const period = Math.max(1, parseDuration(realm.config.CW_METRICS_PERIOD)) * 1000;
  const dimensions = [
    ...ofWorker(worker),
    ["Instance", origin.instance_id ?? origin.hostname] as const,
  ];
  for (let next = clock.now() + firstMs; ; next += period) {
    try {
      await clock.sleep(Math.max(0, next - clock.now()), signal);
    } catch {
      return;
    }
    const time = clock.now();
    for (const [name, unit, value] of await gauges(worker, env)) {
      if (value !== undefined) add({ name, dimensions, unit, value, time });
    }
  }
}

type Gauge = readonly [name: string, unit: Metric["unit"], value: number | undefined];

async function gauges(
  { slots, folder }: ObservedWorker,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Gauge[]> {
  const { tmp, memory, swap, docker } = await readHostStats(folder, env);
  const { maxRSS } = process.resourceUsage();
  return [
    ["WorkerThreadsAlive", "Count", slots],
    ["WorkerThreadsDead", "Count", 0],
    // The original gives kilobytes under this unit; dashboards know that (WF-204).
    ["MaxRss", "Bytes", maxRSS],
    ["MaxRssBytes", "Bytes", maxRSS * 1024],
    ["PercentDiskUsed", "Percent", tmp],
    ["PercentTmpDiskUsed", "Percent", tmp],
    ["PercentMemUsed", "Percent", memory],
    ["PercentSwapUsed", "Percent", swap],
    ["PercentDockerDiskUsed", "Percent", docker],
  ];
}

async function send(metrics: readonly Metric[], { realm }: ObservedWorker): Promise<void> {
  const client = await realm.clients.cloudWatch();
  const { PutMetricDataCommand } = await import("@aws-sdk/client-cloudwatch");
  await client.send(
    new PutMetricDataCommand({
      Namespace: realm.config.CW_NAMESPACE,
      MetricData: metrics.map(({ name, dimensions, unit, value, time }) => ({
        MetricName: name,
        Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
        Unit: unit,
        Value: value,
        Timestamp: new Date(time),
      })),
    }),
  );
}

/** A truth, or its text (WK-170). */
function isYes(value: Data): boolean {
  if (typeof value !== "string") return isTruthy(value);
  return /^(?:true|t|yes|y|[+-]?0*[1-9]\d*)$/i.test(value.trim());
}
