import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ChangeMessageVisibilityCommand } from "@aws-sdk/client-sqs";
import type { DataMap } from "@lava/core";
import {
  awsSettingsFromEnv,
  createAwsClients,
  createRealmResources,
  isTerminal,
  openRealm,
  type Realm,
  type RunKey,
  type RunRecord,
} from "@lava/realm";
import {
  checkHistory,
  guaranteeProperties,
  type History,
  listAllRuns,
  markPayload,
  type Observation,
  observe,
  readHistory,
  readMarks,
  type Violation,
} from "@lava/testing";
import type { FaultRule } from "../proxy/effect.ts";
import { type FaultyProxy, startProxy } from "../proxy/proxy.ts";
import { createRandom, type Random } from "../random.ts";
import { type EndpointProcess, startEndpoint } from "./endpoint.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { nextDispatch, roundActions, roundJobs, roundOutcomes } from "./jobs.ts";

/** One kind of misfortune, with what it needs. */
export interface Row {
  readonly name: string;
  /** One sentence for the report. */
  readonly about: string;
  /** Workers at the start; 2 by default. */
  readonly workers?: number;
  /** For the worker program: `leaseMs`, `skewMs`, `visibility`, `threads`, `retries`. */
  readonly options?: Readonly<Record<string, number>>;
  /** What the proxy does while the round lasts. */
  readonly rules?: (random: Random) => readonly FaultRule[];
  /** What is done to the round while its runs go on. */
  readonly disturb?: (round: Round) => Promise<void>;
  /** Prepares what workers need, and gives their variables; what it registers is undone at the end. */
  readonly prepare?: (
    folder: string,
    stack: AsyncDisposableStack,
  ) => Promise<Readonly<Record<string, string>>>;
  /** More dispatches, before the others. */
  readonly before?: readonly { readonly job_id: string; readonly globals?: DataMap }[];
  /** Runs may also end so, by job: where a fault reaches what the job itself does. */
  readonly mayEnd?: Readonly<Record<string, readonly string[]>>;
  /** Whether the misfortune reached any run; where there are rules, by default, whether one of them was applied. */
  readonly wasFelt?: (history: History) => boolean;
  /** Violations that this row is allowed: none by default. Only where an assumption is broken on purpose. */
  readonly allowed?: ReadonlySet<Violation["guarantee"]>;
}

/** A round under way, for who disturbs it. */
export interface Round {
  readonly realm: Realm;
  readonly fleet: Fleet;
  readonly endpoint: EndpointProcess;
  readonly proxy: FaultyProxy;
  readonly random: Random;
  /** Everything of the round is below it. */
  readonly folder: string;
  /** Until this many of the runs have ended, or all. */
  ended(share: number): Promise<void>;
  /** Sleeps for a random time. */
  pause(fromMs: number, toMs: number): Promise<void>;
}

/** What came of a round. */
export interface RoundResult {
  readonly row: string;
  readonly seed: number;
  /** Accepted runs. */
  readonly runs: number;
  /** Executions beyond the first of an attempt. */
  readonly repeated: number;
  /** Starts of payloads. */
  readonly executions: number;
  readonly effects: ReadonlyMap<string, number>;
  /** A row whose misfortune nobody feels proves nothing. */
  readonly wasFelt: boolean;
  readonly violations: readonly Violation[];
  readonly history: History;
  readonly seconds: number;
  /** Where the logs are when something was violated; removed otherwise. */
  readonly folder?: string;
}

/** Services recover so long after the last dispatch, in ms. */
const FAULTS_MS = 40_000;

/** Runs may take so long from the last dispatch on, in ms; what has not ended then stands still. */
const PATIENCE_MS = 150_000;

/** Runs one round: `runs` dispatches, the row's misfortune, and a verdict. */
export async function runRound(row: Row, seed: number, runs: number): Promise<RoundResult> {
  const started = performance.now();
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "lava-faults-"));
  let keep = false;
  stack.defer(async () => {
    if (!keep) await rm(folder, { recursive: true, force: true });
  });
  const random = createRandom(seed);
  const script = join(folder, "mark.sh");
  const marks = join(folder, "marks");
  await writeFile(script, markPayload);
  await chmod(script, 0o755);
  await mkdir(join(folder, "aws"), { mode: 0o700 });

  const endpoint = stack.use(await startEndpoint(join(folder, "aws")));
  const direct = { ...endpoint.environment, AWS_ENDPOINT_URL: endpoint.endpoint };
  const clients = stack.use(createAwsClients(awsSettingsFromEnv(direct)));
  await createRealmResources(clients, {
    realm: "faults",
    workers: ["core"],
    bucket: "lava-faults",
  });
  const realm = await openRealm("faults", { clients, env: {} });
  await Promise.all(
    roundJobs(script, marks).map((job) =>
      realm.jobs.put({ type: "cmd", worker: "core", enabled: true, ...job }),
    ),
  );
  const proxy = stack.use(
    await startProxy({
      upstream: endpoint.endpoint,
      random: random.fork("proxy"),
      async redeliver(QueueUrl, ReceiptHandle) {
        const sqs = await clients.sqs();
        await sqs.send(
          new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
        );
      },
    }),
  );
  const variables = (await row.prepare?.(folder, stack)) ?? {};
  const fleet = stack.use(
    createFleet({
      folder,
      env: {
        PATH: process.env["PATH"],
        ...direct,
        AWS_ENDPOINT_URL: proxy.endpoint,
        LAVA_REALM: "faults",
        LAVA_TMPDIR: join(folder, "tmp"),
        ...variables,
      },
      options: row.options ?? {},
    }),
  );
  await Promise.all(Array.from({ length: row.workers ?? 2 }, () => fleet.add()));
  proxy.setRules(row.rules?.(random.fork("rules")) ?? []);

  const accepted: RunKey[] = [];
  const observations: Observation[] = [];
  const over = new Set<string>();
  let deadline = Number.POSITIVE_INFINITY;
  /** Looks at the table every now and then; true once everything that is known has ended. */
  const watch = async (): Promise<boolean> => {
    for (;;) {
      await delay(250);
      const items = await listAllRuns(realm).catch(() => undefined);
      if (items === undefined) continue; // the endpoint is away
      observations.push(...items.map((run) => observe(run)));
      for (const run of items) {
        const name = `${run.job_id} ${run.run_id}`;
        const { x_actions: actions } = run.extra;
        const isPending = JSON.stringify(actions ?? null).includes('"pending"');
        if (isTerminal(run.status) && !isPending) over.add(name);
        else over.delete(name);
      }
      const isOver =
        accepted.length === runs + (row.before?.length ?? 0) &&
        accepted.every((run) => over.has(`${run.job_id} ${run.run_id}`)) &&
        items.every((run) => over.has(`${run.job_id} ${run.run_id}`));
      if (isOver && disturbed && (await isQuiet(realm)) && (await haveActed(items))) return true;
      if (performance.now() > deadline) return false;
    }
  };
  /** A hidden message may still be one that an action has sent. */
  const haveActed = async (items: readonly RunRecord[]): Promise<boolean> => {
    const history = { accepted, runs: items, marks: await readMarks(marks), actions: roundActions };
    return guaranteeProperties.G5(history).length === 0;
  };
  let disturbed = false;
  const watching = watch();
  const round: Round = {
    realm,
    fleet,
    endpoint,
    proxy,
    folder,
    random: random.fork("disturb"),
    async ended(share) {
      while (over.size < share * runs && performance.now() < deadline) await delay(50);
    },
    pause: (fromMs, toMs) => delay(round.random.int(fromMs, toMs)),
  };
  const disturbing = (async () => {
    await row.disturb?.(round);
    disturbed = true;
  })();
  const senders = random.fork("dispatch");
  const requests = [
    ...(row.before ?? []),
    ...Array.from({ length: runs }, () => nextDispatch(senders)),
  ];
  for (const request of requests) {
    const { job_id, run_id } = await persistently(() =>
      realm.dispatch({ worker: "core", ...request }),
    );
    accepted.push({ job_id, run_id });
    await delay(senders.int(0, 100));
  }
  deadline = performance.now() + PATIENCE_MS;
  const recovery = setTimeout(() => proxy.setRules([]), FAULTS_MS);
  await disturbing;
  await watching;
  clearTimeout(recovery);
  proxy.setRules([]);
  const isOrderly = await fleet.stop();
  const survivors = await livePayloads(marks, script);
  const history = await readHistory({
    ...{ realm, workers: ["core"], accepted, marks, observations, survivors },
    actions: roundActions,
    outcomes: Object.fromEntries(
      Object.entries(roundOutcomes).map(([job_id, ends]) => [
        job_id,
        [...ends, "action_failed", ...(row.mayEnd?.[job_id] ?? [])],
      ]),
    ),
  });
  const violations = checkHistory(history).filter(
    ({ guarantee }) => row.allowed?.has(guarantee) !== true,
  );
  keep = violations.length > 0;
  if (keep) await writeFile(join(folder, "history.json"), JSON.stringify(history, undefined, 1));
  if (!isOrderly) process.stderr.write(`${row.name} ${seed}: a worker did not stop\n`);
  const starts = history.marks.filter(({ kind }) => kind === "start");
  return {
    ...{ row: row.name, seed, runs: accepted.length, effects: proxy.effects, violations, history },
    wasFelt: row.wasFelt?.(history) ?? (row.rules === undefined || proxy.effects.size > 0),
    executions: starts.length,
    repeated: starts.length - new Set(starts.map(({ key, attempt }) => `${key} ${attempt}`)).size,
    seconds: (performance.now() - started) / 1000,
    ...(keep ? { folder } : {}),
  };
}

/** Whether nothing more is going to be received; hidden duplicates do not count. */
async function isQuiet(realm: Realm): Promise<boolean> {
  const depth = await realm
    .queue("core")
    .depth()
    .catch(() => undefined);
  return depth !== undefined && depth.visible + depth.delayed === 0;
}

/** A sender does not give up while the endpoint is away. */
async function persistently<T>(action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      if (attempt === 30) throw error;
      await delay(200);
    }
  }
}

/** Payload processes that are still there. */
async function livePayloads(marks: string, script: string): Promise<number[]> {
  const pids = new Set((await readMarks(marks)).map(({ pid }) => pid));
  const alive: number[] = [];
  for (const pid of pids) {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (command.includes(script)) alive.push(pid);
  }
  return alive;
}
