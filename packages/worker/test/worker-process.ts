// A worker process for tests: short leases, the log on stdout, SIGTERM drains with a grace time of a second.
import { hostname } from "node:os";
import { systemClock } from "@lava/core";
import { awsSettingsFromEnv, createAwsClients, openRealm } from "@lava/realm";
import * as z from "zod";
import {
  createWorkerLogger,
  defineJobType,
  joinPlugins,
  startWorker,
  stderrSink,
  type WorkerOptions,
} from "../src/index.ts";

const env = process.env;
await using clients = createAwsClients(awsSettingsFromEnv(env));
const logger = createWorkerLogger({
  source: { event_source: "lava-worker", host: hostname(), tag: "test", pid: process.pid },
  sink: stderrSink(process.stdout, false),
  level: "debug",
  json: false,
  clock: systemClock,
});
const realm = await openRealm(env["LAVA_REALM"] ?? "", {
  clients,
  env,
  logger,
  leases: { leaseMs: Number(env["LEASE_MS"] ?? 1500), skewMs: 200 },
});
/** A job that blocks the event loop for as many milliseconds as its payload says. */
const block = defineJobType({
  type: "block",
  parameters: z.object({}),
  run(job) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(job.payload));
    return Promise.resolve({ exit_status: 0 });
  },
});
const more = JSON.parse(process.argv[2] ?? "{}") as Partial<WorkerOptions>;
const worker = await startWorker({
  realm,
  worker: "core",
  threads: 2,
  wait: 1,
  visibility: 3,
  killGrace: 0.2,
  env,
  logger,
  plugins: joinPlugins([{ jobTypes: [block] }]),
  ...more,
});
process.once("SIGTERM", () => void worker.stop("drain", 1));
process.once("SIGINT", () => void worker.stop("drain"));
await worker.done;
