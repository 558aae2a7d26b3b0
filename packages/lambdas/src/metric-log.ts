import type { Clock } from "@lava/core";

/** Counts of one invocation, by the name of their metric. */
export type Counts = Readonly<Record<string, number>>;

/**
 * A line of CloudWatch's embedded metric format: logging it is publishing it, without a call and without more rights
 * (LAM-220).
 */
export function metricLine(
  counts: Counts,
  place: {
    readonly clock: Clock;
    readonly namespace: string;
    readonly realm: string;
    readonly function: string;
  },
): string {
  const { clock, namespace, realm } = place;
  return JSON.stringify({
    _aws: {
      Timestamp: clock.now(),
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [["Realm"]],
          Metrics: Object.keys(counts).map((Name) => ({ Name, Unit: "Count" })),
        },
      ],
    },
    Realm: realm,
    function: place.function,
    ...counts,
  });
}
