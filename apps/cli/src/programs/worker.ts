// A worker of a dev realm, as a process of its own; the options are those of `lava worker`.
import { workerMain } from "@lava/app-worker";
import { announceError, announceReady } from "./announce.ts";

try {
  process.exitCode = await workerMain(process.argv.slice(2), {
    env: process.env,
    onReady: () => {
      announceReady({ pid: process.pid });
    },
  });
} catch (error) {
  announceError(error);
  throw error;
}
