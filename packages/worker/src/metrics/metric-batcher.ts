import type { Clock } from "@lava/core";

/** One value on its way to CloudWatch. */
export interface Metric {
  readonly name: string;
  /** In the order of WF-200 to WF-208. */
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  readonly unit: "Seconds" | "Count" | "Bytes" | "Percent" | "None";
  readonly value: number;
  /** Milliseconds. */
  readonly time: number;
}

/** Options of {@link createMetricBatcher}. */
export interface MetricBatcherOptions {
  /** Sends up to 1,000 values. */
  readonly send: (metrics: readonly Metric[]) => Promise<void>;
  /** Told of a failed attempt, and of how many values were given up so far. */
  readonly onFailure: (error: unknown, dropped: number) => void;
  readonly clock: Clock;
  /** Milliseconds for which a value waits for company; 5,000 by default. */
  readonly waitMs?: number;
}

/** Sends values in batches, off the way of whoever adds them. */
export interface MetricBatcher {
  add(metric: Metric): void;
  /** Sends what is left, for at most so many milliseconds. */
  close(limitMs: number): Promise<void>;
}

const BATCH = 1000;
/** Values that are kept while CloudWatch is away; older ones are given up. */
const KEPT = 10_000;
/** CloudWatch refuses what is older than two weeks. */
const OLDEST = 13.9 * 86_400_000;

/** A batcher over `send`. A failed batch is tried again with the next one. */
export function createMetricBatcher(options: MetricBatcherOptions): MetricBatcher {
  const { send, onFailure, clock, waitMs = 5000 } = options;
  const queue: Metric[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<boolean> | undefined;
  let dropped = 0;
  let pause = waitMs;

  const flush = async (): Promise<boolean> => {
    clearTimeout(timer);
    timer = undefined;
    while (queue.length > 0) {
      const batch = queue.slice(0, BATCH);
      try {
        await send(batch.map((metric) => young(metric, clock.now())));
        queue.splice(0, batch.length);
        pause = waitMs;
      } catch (error) {
        const over = Math.max(0, queue.length - KEPT);
        queue.splice(0, over);
        dropped += over;
        pause = Math.min(pause * 2, 60_000);
        onFailure(error, dropped);
        return false;
      }
    }
    return true;
  };
  /** One at a time. */
  const run = (): Promise<boolean> =>
    (sending ??= flush().finally(() => {
      sending = undefined;
      if (queue.length > 0) schedule();
    }));
  const schedule = (): void => {
    timer ??= setTimeout(() => void run(), pause).unref();
  };

  return {
    add(metric) {
      queue.push(metric);
      schedule();
    },
    async close(limitMs) {
      const end = Promise.withResolvers<boolean>();
      const limit = setTimeout(() => {
        end.resolve(false);
      }, limitMs);
      try {
        await Promise.race([(sending ?? Promise.resolve()).then(run), end.promise]);
      } finally {
        clearTimeout(limit);
        clearTimeout(timer);
        queue.length = 0;
      }
    },
  };
}

/** A very late run is counted at the oldest time that is taken. */
function young(metric: Metric, now: number): Metric {
  return metric.time < now - OLDEST ? { ...metric, time: now - OLDEST } : metric;
}
