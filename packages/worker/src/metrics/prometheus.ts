import type { WorkerObserver } from "../observer.ts";

/** Counters of a worker as Prometheus reads them. */
export interface PrometheusMetrics {
  readonly observer: WorkerObserver;
  /** The text exposition format, version 0.0.4. */
  render(): string;
}

/** Bounds of the histograms, seconds. */
const BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400];

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** Counts what a worker does by its events; nothing is counted twice after a takeover but the attempts themselves. */
export function createPrometheusMetrics(): PrometheusMetrics {
  const finished = new Map<string, number>();
  const messages = new Map<string, number>();
  const failures = new Map<string, number>();
  const histograms = { delay: newHistogram(), runs: new Map<string, Histogram>() };
  let gauges: () => readonly string[] = () => [];

  const count = (of: Map<string, number>, label: string): void => {
    of.set(label, (of.get(label) ?? 0) + 1);
  };
  return {
    observer({ realm, worker, events, slots, running }) {
      const labels = `realm="${escape(realm.name)}",worker="${escape(worker)}"`;
      gauges = () => [
        ...family("lava_slots", "gauge", "Jobs that can run at the same time."),
        `lava_slots{${labels}} ${slots}`,
        ...family("lava_running", "gauge", "Runs that go on."),
        `lava_running{${labels}} ${running()}`,
      ];
      events.on("began", ({ ts_dispatch, ts_start, isFirst }) => {
        if (isFirst) observe(histograms.delay, Math.max(0, (ts_start - ts_dispatch) / 1000));
      });
      events.on("ended", ({ type, took, isFailed }) => {
        const label = `type="${escape(type)}",failed="${isFailed}"`;
        const histogram = histograms.runs.get(label) ?? newHistogram();
        histograms.runs.set(label, histogram);
        observe(histogram, took);
      });
      events.on("finished", ({ status }) => {
        count(finished, `status="${escape(status)}"`);
      });
      events.on("settled", ({ how }) => {
        count(messages, `how="${how}"`);
      });
      events.on("interrupted", ({ kind }) => {
        count(finished, `status="${escape(kind)}"`);
      });
      events.on("side_failed", ({ channel }) => {
        count(failures, `channel="${escape(channel)}"`);
      });
      events.on("poll_failed", () => {
        count(failures, 'channel="queue"');
      });
      return { async [Symbol.asyncDispose]() {} };
    },
    render() {
      const lines = [
        ...gauges(),
        ...counters("lava_runs_total", "Runs that ended, by status.", finished),
        ...counters("lava_messages_total", "Messages that were settled.", messages),
        ...counters("lava_failures_total", "What failed beside the runs.", failures),
        ...family("lava_run_delay_seconds", "histogram", "From dispatch to start."),
        ...histogramLines("lava_run_delay_seconds", "", histograms.delay),
        ...family("lava_run_seconds", "histogram", "Of jobs and their children, retries included."),
        ...[...histograms.runs].flatMap(([label, histogram]) =>
          histogramLines("lava_run_seconds", label, histogram),
        ),
        ...family("process_resident_memory_bytes", "gauge", "Memory of the worker process."),
        `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
      ];
      return `${lines.join("\n")}\n`;
    },
  };
}

function newHistogram(): Histogram {
  return { counts: BUCKETS.map(() => 0), sum: 0, count: 0 };
}

function observe(histogram: Histogram, value: number): void {
  for (const [index, bound] of BUCKETS.entries()) {
    if (value <= bound) histogram.counts[index] = (histogram.counts[index] ?? 0) + 1;
  }
  histogram.sum += value;
  histogram.count += 1;
}

function histogramLines(name: string, label: string, { counts, sum, count }: Histogram): string[] {
  const with_ = (more: string): string => [label, more].filter((part) => part !== "").join(",");
  const braces = label === "" ? "" : `{${label}}`;
  return [
    ...BUCKETS.map(
      (bound, index) => `${name}_bucket{${with_(`le="${bound}"`)}} ${counts[index] ?? 0}`,
    ),
    `${name}_bucket{${with_('le="+Inf"')}} ${count}`,
    `${name}_sum${braces} ${sum}`,
    `${name}_count${braces} ${count}`,
  ];
}

function counters(name: string, help: string, values: ReadonlyMap<string, number>): string[] {
  return [
    ...family(name, "counter", help),
    ...[...values].map(([label, value]) => `${name}{${label}} ${value}`),
  ];
}

function family(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
