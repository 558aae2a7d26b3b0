// The scheduler of a dev realm, as a process of its own; the realm is that of the environment.
import { systemClock } from "@lava/core";
import { awsSettingsFromEnv } from "@lava/realm";
import { runScheduler } from "../scheduler/run-scheduler.ts";
import { announceError, announceReady } from "./announce.ts";

const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    stop.abort();
  });
}
try {
  await runScheduler({
    realm: process.env["LAVA_REALM"] ?? "",
    settings: awsSettingsFromEnv(process.env),
    env: process.env,
    clock: systemClock,
    stderr: process.stderr,
    signal: stop.signal,
    includeCron: true,
    zones: {},
    level: "info",
    logJson: false,
    tag: "lava-scheduler",
    onReady: () => {
      announceReady({ pid: process.pid });
    },
  });
} catch (error) {
  announceError(error);
  process.exitCode = 1;
}
