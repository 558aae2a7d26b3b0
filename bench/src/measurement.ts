/** One line of the table of figures. */
export interface Measurement {
  readonly what: string;
  /** With its unit. */
  readonly value: string;
  /** What a peer did in the same run, and the ratio. */
  readonly peer?: string;
  readonly budget?: string;
  /** Whether the budget is kept; undefined where there is none. */
  readonly ok?: boolean;
}

/** The value below which `share` of the values are. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The middle of the values. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** `12.3 ms`, `1.24 s`. */
export function ms(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(1)} ms`;
}

/** Waits until `test` holds. */
export async function until(
  test: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
  everyMs = 10,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await test())) {
    if (performance.now() > deadline) throw new Error("waited too long");
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Milliseconds since the epoch with their fraction, comparable between processes of one machine. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}
