import { createS3TriggerFunction } from "../s3trigger/s3trigger-function.ts";

/** Entry point of the function `lava-<realm>-s3trigger`. Fails to load without LAVA_REALM (LAM-003). */
export const handler = createS3TriggerFunction({
  env: process.env,
  write: (line) => process.stdout.write(`${line}\n`),
});
