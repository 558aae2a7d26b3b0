import { createDispatchFunction } from "../dispatch/dispatch-function.ts";

/** Entry point of the function `lava-<realm>-dispatch`. Fails to load without LAVA_REALM (LAM-003). */
export const handler = createDispatchFunction({
  env: process.env,
  write: (line) => process.stdout.write(`${line}\n`),
});
