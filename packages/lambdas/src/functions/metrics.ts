import { createMetricsFunction } from "../metrics/metrics-function.ts";

/** Entry point of the function `lava-<realm>-metrics`. Fails to load without LAVA_REALM (LAM-003). */
export const handler = createMetricsFunction({
  env: process.env,
  write: (line) => process.stdout.write(`${line}\n`),
});
