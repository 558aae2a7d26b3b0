import { nullLogger, systemClock } from "@lava/core";
import type { Realm } from "@lava/realm";
import * as api from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { expect, test } from "vitest";
import type { WorkerObserver } from "../observer.ts";
import { createRunTracker } from "../run-tracker.ts";
import { createWorkerEvents, type WorkerEvents } from "../worker-events.ts";
import { createPrometheusMetrics } from "./prometheus.ts";
import { openTelemetryTraces } from "./tracing.ts";

/** Starts an observer on events that the test emits. */
function observe(observer: WorkerObserver): { events: WorkerEvents; ended: AsyncDisposable } {
  const events = createWorkerEvents();
  const ended = observer({
    // Listeners use a realm's name only.
    realm: { name: "r" } as unknown as Realm,
    worker: 'w"1',
    origin: { worker: "w", hostname: "h" },
    events,
    clock: { ...systemClock, now: () => 5000 },
    logger: nullLogger,
    slots: 4,
    running: () => 1,
    folder: "/tmp",
  });
  return { events, ended };
}

const run = { job_id: "a", run_id: "1" };
const began = {
  ...{ ...run, path: "", type: "chain", ts_dispatch: 1000, ts_start: 3000 },
  ...{ isFirst: true, cw_metrics: undefined },
};
const ended = {
  ...{ ...run, path: "", type: "chain", ts_dispatch: 1000, seconds: 2 },
  ...{ took: 1.25, isFailed: false, cw_metrics: undefined },
};

test("Prometheus gets counters, gauges and histograms", () => {
  const metrics = createPrometheusMetrics();
  const { events } = observe(metrics.observer);
  events.emit("began", began);
  events.emit("ended", ended);
  events.emit("finished", { ...run, status: "complete", seconds: 2 });
  events.emit("settled", { message_id: "m", how: "deleted", ...run });
  events.emit("side_failed", { channel: "cloudwatch", reason: "metrics_failed", text: "x" });

  const lines = metrics.render().split("\n");
  for (const line of [
    'lava_slots{realm="r",worker="w\\"1"} 4',
    'lava_runs_total{status="complete"} 1',
    'lava_messages_total{how="deleted"} 1',
    'lava_failures_total{channel="cloudwatch"} 1',
    'lava_run_delay_seconds_bucket{le="1"} 0',
    'lava_run_delay_seconds_bucket{le="5"} 1',
    "lava_run_delay_seconds_sum 2",
    'lava_run_seconds_bucket{type="chain",failed="false",le="+Inf"} 1',
    'lava_run_seconds_sum{type="chain",failed="false"} 1.25',
    'lava_run_seconds_count{type="chain",failed="false"} 1',
  ]) {
    expect(lines).toContain(line);
  }
  expect(
    lines.filter((line) => line !== "" && !/^(#|[a-z_]+(\{.*\})? [\d.e+]+$)/.test(line)),
  ).toEqual([]);
});

test("traces have a span for each run and one below it for each child", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  api.trace.setGlobalTracerProvider(provider);
  const { events } = observe(openTelemetryTraces(api));
  const child = { job_id: "b", run_id: "1", path: "/1/b.0" };
  events.emit("began", began);
  events.emit("event", { ...run, status: "running", info: "Iteration 1" });
  events.emit("began", { ...began, ...child });
  events.emit("event", { ...run, ...child, status: "failed", info: null });
  events.emit("ended", { ...ended, ...child, isFailed: true, error: "Failed with exit status 3" });
  events.emit("ended", ended);
  events.emit("began", { ...began, run_id: "2" });
  events.emit("interrupted", {
    job_id: "a",
    run_id: "2",
    kind: "released",
    reason: "worker_stopping",
  });

  const [below, whole, cut] = exporter.getFinishedSpans();
  expect(whole).toMatchObject({
    name: "job a",
    attributes: { "lava.run_id": "1", "lava.delay_ms": 2000 },
    events: [{ name: "running" }],
  });
  expect(below).toMatchObject({
    name: "job b",
    status: { code: api.SpanStatusCode.ERROR, message: "Failed with exit status 3" },
    events: [{ name: "failed" }],
  });
  expect(below?.parentSpanContext?.spanId).toBe(whole?.spanContext().spanId);
  expect(cut).toMatchObject({ status: { message: "worker_stopping" } });
  await provider.shutdown();
});

test("the tracker knows what goes on", () => {
  const tracker = createRunTracker();
  expect(tracker.snapshot()).toBeUndefined();
  const { events } = observe(tracker.observer);
  events.emit("state", { state: "running" });
  events.emit("claimed", { ...run, epoch: 2, attempt: 3 });
  events.emit("event", { ...run, status: "running", info: null });

  expect(tracker.snapshot()).toMatchObject({
    state: "running",
    runs: [{ ...run, epoch: 2, attempt: 3, since: 5000, status: "running" }],
  });
  events.emit("finished", { ...run, status: "complete", seconds: 1 });
  events.emit("settled", { message_id: "m", how: "deleted", ...run });
  expect(tracker.snapshot()).toMatchObject({ runs: [], counts: { finished: { complete: 1 } } });
});
