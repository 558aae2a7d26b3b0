import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMap, parseJson } from "@lava/core";
import {
  awsSettingsFromEnv,
  createAwsClients,
  createRealmResources,
  openRealm,
  type Realm,
} from "@lava/realm";
import type { FaultRule } from "../proxy/effect.ts";
import { type FaultyProxy, startProxy } from "../proxy/proxy.ts";
import { createRandom, type Random } from "../random.ts";
import { type EndpointProcess, startEndpoint } from "../rig/endpoint.ts";
import { scheduledJob } from "./edit-jobs.ts";
import { checkSlots } from "./history.ts";
import { type SchedulerProcess, startSchedulerProcess } from "./scheduler-process.ts";
import { createTimeline, type Timeline } from "./timeline.ts";

/** What a misfortune may do. */
export interface Misery {
  readonly random: Random;
  readonly schedulers: SchedulerProcess[];
  readonly proxy: FaultyProxy;
  readonly endpoint: EndpointProcess;
  /** Not behind the proxy. */
  readonly realm: Realm;
  readonly timeline: Timeline;
  /** The scheduler that leads, as far as one can tell. */
  leader(): Promise<SchedulerProcess | undefined>;
  start(name: string): Promise<SchedulerProcess>;
  sleep(ms: number): Promise<void>;
}

/** One kind of misfortune. */
export interface SchedulerRow {
  readonly name: string;
  readonly rules?: readonly FaultRule[];
  /** Happens again and again while the round lasts. */
  strike?(misery: Misery): Promise<void>;
}

/** What came of a round. */
export interface SchedulerRound {
  readonly slots: number;
  readonly messages: number;
  /** Longest time from a slot to its message, in ms. */
  readonly latest: number;
  readonly epochs: number;
  readonly violations: readonly string[];
  readonly folder: string;
}

/** A misfortune comes so often, in ms. */
const STRIKE_MS = [1500, 4000] as const;

/** Runs schedulers under a misfortune until `slots` have been due, lets them come to rest, and checks the ledger. */
export async function runSchedulerRound(
  row: SchedulerRow,
  seed: number,
  slots: number,
  seconds = 45,
): Promise<SchedulerRound> {
  const random = createRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), "lava-sched-faults-"));
  await using stack = new AsyncDisposableStack();
  const endpoint = stack.use(await startEndpoint(join(folder, "aws")));
  const direct = { ...endpoint.environment, AWS_ENDPOINT_URL: endpoint.endpoint };
  const clients = stack.use(createAwsClients(awsSettingsFromEnv(direct)));
  const name = `s${seed}`;
  await createRealmResources(clients, { realm: name, workers: ["core"], bucket: `lava-${name}` });
  const realm = await openRealm(name, { clients, env: {} });
  const count = Math.max(1, Math.ceil(slots / seconds));
  const jobs = Array.from({ length: count }, (_, index) => `j/${index}`);
  const timeline = createTimeline(jobs);
  await Promise.all(jobs.map((job_id) => realm.jobs.put(scheduledJob(job_id))));
  const proxy = stack.use(
    await startProxy({ upstream: endpoint.endpoint, random: random.fork("proxy") }),
  );
  const env = { ...endpoint.environment, AWS_ENDPOINT_URL: proxy.endpoint, LAVA_REALM: name };
  const schedulers: SchedulerProcess[] = [];
  stack.defer(async () => {
    await Promise.all(schedulers.map((one) => one.end()));
  });
  const start = async (of: string): Promise<SchedulerProcess> => {
    const started = await startSchedulerProcess(of, folder, env);
    schedulers.push(started);
    return started;
  };
  await start("s-0");
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const lease = realm.schedule.leader("scheduler", "", "");
  while ((await lease.look()).state !== "live") await sleep(50);
  await Promise.all([start("s-1"), start("s-2")]);
  proxy.setRules(row.rules ?? []);
  const misery: Misery = {
    random,
    schedulers,
    proxy,
    endpoint,
    realm,
    timeline,
    start,
    sleep,
    async leader() {
      const { hostname } = await lease.look();
      return schedulers.find((one) => one.isRunning && one.name === hostname);
    },
  };
  const from = Date.now();
  const end = from + seconds * 1000;
  while (Date.now() < end) {
    await sleep(Math.min(random.int(...STRIKE_MS), end - Date.now()));
    if (Date.now() < end - 5000) await row.strike?.(misery);
  }
  proxy.setRules([]);
  proxy.cutOff(undefined);
  const last = Date.now();
  for (const one of schedulers) one.signal("SIGCONT");
  for (const one of schedulers) await one.shiftClock(0);
  await settle(async () => {
    const { cursor = 0 } = await lease.look();
    return cursor >= last;
  }, sleep);
  await Promise.all(schedulers.map((one) => one.end("SIGTERM")));
  const { cursor: ended = 0 } = await lease.look();

  const received = await drain(realm.queue("core"));
  const violations: string[] = [];
  let [due, latest, epochs] = [0, 0, 0];
  for (const job_id of jobs) {
    // The next slot is in the ledger before its time.
    const ledger = (await realm.schedule.slots.list(job_id, { limit: 100_000 })).filter(
      ({ slot }) => slot <= ended,
    );
    const first = Math.min(...ledger.map(({ slot }) => slot), Math.ceil(from / 1000) * 1000);
    const final = Math.max(...ledger.map(({ slot }) => slot), Math.floor(last / 1000) * 1000);
    const seconds = Array.from(
      { length: (final - first) / 1000 + 1 },
      (_, index) => first + index * 1000,
    );
    const wanted = seconds.filter((slot) => timeline.expect(job_id, slot) === "must");
    const may = (slot: number): boolean => timeline.expect(job_id, slot) === "may";
    due += seconds.length;
    for (const { slot, sent = slot, epoch } of ledger) {
      latest = Math.max(latest, sent - slot);
      epochs = Math.max(epochs, epoch);
    }
    violations.push(
      ...checkSlots({ job_id, due: wanted, may, ledger, received: received.get(job_id) ?? [] }),
    );
  }
  if (violations.length === 0) await rm(folder, { recursive: true, force: true });
  const messages = [...received.values()].reduce((sum, runs) => sum + runs.length, 0);
  return { slots: due, messages, latest, epochs, violations, folder };
}

async function settle(check: () => Promise<boolean>, sleep: Misery["sleep"]): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await check()) return;
    await sleep(100);
  }
}

/** Takes all messages; run ids by job. */
async function drain(
  queue: ReturnType<Awaited<ReturnType<typeof openRealm>>["queue"]>,
): Promise<Map<string, string[]>> {
  const received = new Map<string, string[]>();
  const lane = async (): Promise<void> => {
    for (;;) {
      const message = await queue.receive({ wait: 1, visibility: 3600 });
      if (message === undefined) return;
      const body = parseJson(message.body);
      if (!isMap(body)) continue;
      const job = String(body["job_id"]);
      received.set(job, [...(received.get(job) ?? []), String(body["run_id"])]);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return received;
}
