import { createStopFunction } from "../stop/stop-function.ts";

/** Entry point of the function `lava-<realm>-stop`. Fails to load without LAVA_REALM (LAM-003). */
export const handler = createStopFunction({
  env: process.env,
  write: (line) => process.stdout.write(`${line}\n`),
});
