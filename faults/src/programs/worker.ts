// A worker for the matrix: as apps/worker, but with short leases, and with a job type that blocks its event loop.
import { hostname } from "node:os";
import { text } from "node:stream/consumers";
import { isMap, parseJson, systemClock } from "@lava/core";
import { awsSettingsFromEnv, createAwsClients, openRealm } from "@lava/realm";
import {
  createWorkerLogger,
  executeLastWill,
  loadPlugins,
  startWorker,
  stderrSink,
} from "@lava/worker";

const env = process.env;
const options = parseJson(process.argv[2] ?? "{}");
const option = (name: string, otherwise: number): number =>
  isMap(options) && typeof options[name] === "number" ? options[name] : otherwise;

await using clients = createAwsClients(awsSettingsFromEnv(env));
const logger = createWorkerLogger({
  source: { event_source: "lava-worker", host: hostname(), tag: "faults", pid: process.pid },
  sink: stderrSink(process.stdout, false),
  level: "info",
  json: false,
  clock: systemClock,
});
const realm = await openRealm(env["LAVA_REALM"] ?? "", {
  clients,
  env,
  logger,
  leases: { leaseMs: option("leaseMs", 3000), skewMs: option("skewMs", 600) },
});
if (process.argv.includes("--last-will")) {
  // Started by the watchdog of a worker that is dead or frozen.
  const origin = { worker: "core", hostname: hostname() };
  await executeLastWill(await text(process.stdin), {
    ...{ realm, queue: realm.queue("core"), origin, logger },
  });
  process.exit(0);
}
const worker = await startWorker({
  realm,
  worker: "core",
  threads: option("threads", 4),
  retries: option("retries", -1),
  wait: 2,
  visibility: option("visibility", 6),
  killGrace: 0.2,
  tempFullDelay: 1,
  env,
  lastWill: {
    command: process.execPath,
    args: [...process.execArgv, ...process.argv.slice(1), "--last-will"],
    env,
  },
  logger,
  plugins: await loadPlugins(["./block-plugin.ts"], { from: import.meta.dirname }),
});
let signals = 0;
const stop = (grace?: number) => (): void => {
  signals += 1;
  if (signals === 1) void worker.stop("drain", grace);
  else {
    void worker.stop("kill");
    setTimeout(() => process.exit(143), 5000).unref();
  }
};
process.on("SIGHUP", stop());
process.on("SIGINT", stop());
process.on("SIGTERM", stop(0.2));
await worker.done;
