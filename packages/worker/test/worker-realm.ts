import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LogFields, type Logger, nullLogger } from "@lava/core";
import {
  awsSettingsFromEnv,
  createAwsClients,
  openRealm,
  type Realm,
  type RunRecord,
} from "@lava/realm";
import {
  type EmulatedAws,
  type EmulatedRealm,
  emulatedRealm,
  type EmulatedRealmOptions,
} from "@lava/testing";
import type { WorkerOptions } from "../src/worker-options.ts";
import { startWorker, type Worker } from "../src/worker.ts";
import { eventually } from "./eventually.ts";

/** One line of a worker's log. */
interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** A realm, and workers on it. */
export interface WorkerRealm extends AsyncDisposable {
  readonly realm: Realm;
  readonly emulated: EmulatedRealm;
  /** A directory of this test: TMPDIR of the workers is `lava` in it. */
  readonly folder: string;
  readonly logs: LogLine[];
  start(options?: Partial<WorkerOptions>): Promise<Worker>;
  /** Dispatches a job and waits for its end; actions included. */
  run(job_id: string, more?: Parameters<Realm["dispatch"]>[0]): Promise<RunRecord>;
  /** Waits until a run is over, its actions too. */
  ended(run: { job_id: string; run_id: string }): Promise<RunRecord>;
  /** Messages that the queue has, visible or not. */
  messages(worker?: string): Promise<number>;
}

/** Leases and visibility of these tests are short. */
const LEASE_MS = 1500;

/** A realm with everything in it that a test of the worker wants. */
export async function workerRealm(
  options: EmulatedRealmOptions & { readonly leaseMs?: number } = {},
): Promise<WorkerRealm> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "lava-worker-test-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const external = stack.use(externalAws());
  const emulated = stack.use(
    await emulatedRealm({
      ...(external.aws === undefined ? {} : { aws: external.aws }),
      ...options,
    }),
  );
  const logs: LogLine[] = [];
  const env = { LAVA_TMPDIR: join(folder, "lava"), ...options.env };
  const realm = await openRealm(emulated.realm.name, {
    clients: emulated.aws.clients,
    env,
    logger: nullLogger,
    leases: { leaseMs: options.leaseMs ?? LEASE_MS, skewMs: 200 },
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  const workers = stack.adopt<Worker[]>([], async (all) => {
    await Promise.all(all.map((worker) => worker[Symbol.asyncDispose]()));
  });
  const ended = (run: { job_id: string; run_id: string }): Promise<RunRecord> =>
    eventually(async () => {
      const record = await realm.events.get(run);
      const actions = record?.extra["x_actions"];
      const isSettled =
        typeof actions === "object" &&
        actions !== null &&
        "state" in actions &&
        actions.state === "settled";
      return isSettled ? record : undefined;
    });
  const owned = stack.move();
  return {
    realm,
    emulated,
    folder,
    logs,
    async start(more = {}) {
      const worker = await startWorker({
        realm,
        worker: "core",
        threads: 2,
        wait: 1,
        visibility: 3,
        killGrace: 0.2,
        env: { PATH: process.env["PATH"], ...emulated.environment },
        logger: recordingLogger(logs),
        ...more,
      });
      workers.push(worker);
      return worker;
    },
    async run(job_id, more) {
      const { run_id } = await realm.dispatch({ job_id, ...more });
      return ended({ job_id, run_id });
    },
    ended,
    async messages(worker = "core") {
      const { visible, hidden, delayed } = await realm.queue(worker).depth();
      return visible + hidden + delayed;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The endpoint of AWS_ENDPOINT_URL, where these tests are to run against another one than the embedded. */
function externalAws(): AsyncDisposable & { readonly aws?: EmulatedAws } {
  if (!process.env["AWS_ENDPOINT_URL"]) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const clients = createAwsClients(awsSettingsFromEnv(process.env));
  const environment = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      name.startsWith("AWS_") && value !== undefined ? [[name, value]] : [],
    ),
  );
  const dispose = (): Promise<void> => Promise.resolve(clients[Symbol.asyncDispose]());
  return {
    aws: { clients, environment, mails: () => [], [Symbol.asyncDispose]: () => Promise.resolve() },
    [Symbol.asyncDispose]: dispose,
  };
}

function recordingLogger(lines: LogLine[]): Logger {
  const make = (base: LogFields): Logger => {
    const at =
      (level: string): Logger["info"] =>
      (fields, message) =>
        void lines.push({ level, message, fields: { ...base, ...fields } });
    return {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      child: (fields) => make({ ...base, ...fields }),
    };
  };
  return make({});
}
