// A scheduler for the fault rounds: as `lava scheduler`, its log on standard output.
import { hostname } from "node:os";
import { systemClock } from "@lava/core";
import { awsSettingsFromEnv, createAwsClients, openRealm } from "@lava/realm";
import { startScheduler } from "@lava/scheduler";
import { createWorkerLogger, stderrSink } from "@lava/worker";

const env = process.env;
await using clients = createAwsClients(awsSettingsFromEnv(env));
const logger = createWorkerLogger({
  source: { event_source: "lava-scheduler", host: hostname(), tag: "faults", pid: process.pid },
  sink: stderrSink(process.stdout, false),
  level: "info",
  json: false,
  clock: systemClock,
});
const realm = await openRealm(env["LAVA_REALM"] ?? "", { clients, env, logger });
const stop = new AbortController();
process.once("SIGTERM", () => {
  stop.abort();
});
await startScheduler({
  realm,
  logger,
  hostname: env["AWS_EXECUTION_ENV"] ?? "",
  signal: stop.signal,
  refreshMs: 10_000,
  onReady: () => {
    process.send?.("ready");
  },
});
process.exit(0);
