import { hostname } from "node:os";
import {
  type Clock,
  createRedactor,
  LavaError,
  type Logger,
  nullLogger,
  parseDuration,
  type Redactor,
  systemClock,
  type DataMap,
} from "@lava/core";
import {
  kmsAliases,
  parseRealmRecord,
  queueName,
  type RealmConfig,
  type RealmRecord,
  realmsTable,
  resolveConfigWithWarnings,
  type StoredConnection,
  type StoredJob,
  type StoredS3Trigger,
  tableNames,
} from "@lava/spec";
import { endpointOf, type Environment } from "./aws-settings.ts";
import { openChildStore } from "./children/child-store.ts";
import type { ChildStore } from "./children/types.ts";
import type { AwsClients } from "./clients.ts";
import { dispatchRun } from "./dispatch/dispatch.ts";
import { previewDispatch, sendDispatch } from "./dispatch/send-dispatch.ts";
import type { DispatchReceipt, DispatchRequest, SendRequest, Sent } from "./dispatch/types.ts";
import { createDocuments, type Documents } from "./documents.ts";
import { openDueStore } from "./due/due-store.ts";
import { takeWaiting } from "./due/take-waiting.ts";
import type { DueStore } from "./due/types.ts";
import { openScheduleGroup, type ScheduleGroup } from "./eventbridge/schedule-group.ts";
import { openEventStore } from "./events/event-store.ts";
import { createRunWriter } from "./events/run-writer.ts";
import type { EventStore, RunKey } from "./events/types.ts";
import { textOf } from "./marshal.ts";
import { openObjectStore } from "./objects/object-store.ts";
import { openPayloadStore } from "./objects/payload-store.ts";
import type { PayloadStore } from "./objects/payload-types.ts";
import { parseS3Uri } from "./objects/s3-uri.ts";
import { openTempStore } from "./objects/temp-store.ts";
import type { TempStore } from "./objects/temp-types.ts";
import { openPoolStore } from "./pools/pool-store.ts";
import type { PoolStore } from "./pools/types.ts";
import { listWorkers } from "./queue/list-workers.ts";
import type { WorkerQueue } from "./queue/types.ts";
import { openWorkerQueue } from "./queue/worker-queue.ts";
import { rerunRun } from "./rerun/rerun.ts";
import type { RerunRequest } from "./rerun/types.ts";
import { openRuleStore } from "./rules/rule-store.ts";
import type { RuleStore } from "./rules/types.ts";
import { defaultLeaseTimes } from "./runs/lease.ts";
import { openRunStore } from "./runs/run-store.ts";
import { readSent } from "./runs/sent.ts";
import { createSteadyTime } from "./runs/steady-time.ts";
import type { LeaseTimes } from "./runs/types.ts";
import type { RunStore } from "./runs/types.ts";
import { openScheduleStore } from "./schedule/schedule-store.ts";
import type { ScheduleStore } from "./schedule/types.ts";
import { openSecretStore, type SecretStore } from "./secrets.ts";
import { openStateStore } from "./state/state-store.ts";
import type { StateStore } from "./state/types.ts";
import type { RecordTable } from "./tables/record-table.ts";
import { openConnectionsTable, openJobsTable, openS3TriggersTable } from "./tables/tables.ts";

/** One realm. The clients belong to whoever made them: a realm has nothing to close. */
export interface Realm {
  readonly name: string;
  readonly record: RealmRecord;
  readonly config: RealmConfig;
  readonly jobs: RecordTable<StoredJob>;
  readonly connections: RecordTable<StoredConnection>;
  readonly s3triggers: RecordTable<StoredS3Trigger>;
  readonly events: EventStore;
  readonly runs: RunStore;
  readonly children: ChildStore;
  readonly due: DueStore;
  readonly pools: PoolStore;
  /** What schedulers share: slots, leader, pauses. */
  readonly schedule: ScheduleStore;
  /** Its schedules in EventBridge Scheduler. */
  readonly scheduleGroup: ScheduleGroup;
  readonly state: StateStore;
  readonly payloads: PayloadStore;
  readonly temp: TempStore;
  readonly secrets: SecretStore;
  /** EventBridge rules, of any bus of the account. */
  readonly rules: RuleStore;
  readonly clients: AwsClients;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly redactor: Redactor;
  /** The queue of a worker; the same object for the same worker. */
  queue(worker: string): WorkerQueue;
  /** Names of the workers that have a queue, sorted. */
  listWorkers(): Promise<string[]>;
  /**
   * Sends a run for an application or a person: what is sent is checked first, a key makes it once, and a delay may
   * be longer than a queue can hold it back.
   *
   * @throws {LavaError} NO_SUCH_JOB, JOB_DISABLED, BAD_DISPATCH_INPUT, KEY_REUSED, BAD_DELAY, BAD_DEADLINE,
   *   NO_SUCH_QUEUE, MESSAGE_TOO_LARGE
   */
  send(request: SendRequest): Promise<Sent>;
  /** The message that `send` would send now, after the same checks; nothing is sent. Its run id is of this call alone. */
  previewSend(request: SendRequest): Promise<{ readonly worker: string; readonly body: string }>;
  /**
   * Sends one run of a job to its worker.
   *
   * @throws {LavaError} NO_SUCH_JOB, JOB_DISABLED, BAD_DELAY, NO_SUCH_QUEUE, MESSAGE_TOO_LARGE
   */
  dispatch(request: DispatchRequest): Promise<DispatchReceipt>;
  /**
   * Repeats a run that is over, as a new run of its job.
   *
   * @throws {LavaError} NO_SUCH_RUN, RUN_NOT_OVER, RUN_IS_CHILD, RERUN_NEEDS_PARAMETERS, and what {@link dispatch} throws
   */
  rerun(request: RerunRequest): Promise<DispatchReceipt>;
}

/** Options of {@link openRealm}. */
export interface OpenRealmOptions {
  readonly clients: AwsClients;
  /** For configuration (`LAVA_<NAME>`). */
  readonly env: Environment;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly redactor?: Redactor;
  /** For tests: how long leases live. */
  readonly leases?: LeaseTimes;
}

/**
 * Reads a realm's record and configuration.
 *
 * @throws {LavaError} NO_SUCH_REALM, BAD_REALM_RECORD, BAD_CONFIG, AWS_UNREACHABLE
 */
export async function openRealm(name: string, options: OpenRealmOptions): Promise<Realm> {
  const { clients, env, logger = nullLogger } = options;
  const documents = createDocuments(clients);
  const record = await readRealm(name, documents, clients);
  const { config, warnings } = resolveConfigWithWarnings({ env, realmConfig: record.config });
  for (const warning of [...record.warnings, ...warnings]) logger.warn({ realm: name }, warning);
  return assembleRealm(record, config, documents, options);
}

async function readRealm(
  name: string,
  documents: Documents,
  clients: AwsClients,
): Promise<RealmRecord> {
  const missing = (cause?: unknown): LavaError =>
    new LavaError(
      "NO_SUCH_REALM",
      `There is no realm ${name}: ${cause === undefined ? "no such item in" : "there is no"} table ` +
        `${realmsTable} at ${endpointOf(clients.settings, "DYNAMODB")}`,
      {
        ...(cause === undefined ? {} : { cause }),
        hint: "Check the realm's name, AWS_REGION and AWS_ENDPOINT_URL; a local realm is started by `lava dev up`.",
        retry: "never",
      },
    );
  try {
    const item = await documents.get(realmsTable, { realm: name });
    if (item === undefined) throw missing();
    return parseRealmRecord(item);
  } catch (error) {
    if (error instanceof LavaError && error.code === "NO_SUCH_TABLE") throw missing(error);
    throw error;
  }
}

function assembleRealm(
  record: RealmRecord,
  config: RealmConfig,
  documents: Documents,
  options: OpenRealmOptions,
): Realm {
  const {
    clients,
    clock = systemClock,
    logger = nullLogger,
    redactor = createRedactor(),
    leases: times = defaultLeaseTimes,
  } = options;
  const name = record.realm;
  const tables = tableNames(name);
  const jobs = openJobsTable(tables.jobs, documents, logger);
  const ttl = config.EVENT_TTL === undefined ? 0 : parseDuration(config.EVENT_TTL);
  const writer = createRunWriter({ table: tables.events, documents, clock, redactor, ttl });
  const area = (uri: string) =>
    openObjectStore({ ...parseS3Uri(uri), clients, s3_key: record.s3_key });

  const queues = new Map<string, WorkerQueue>();
  const queue = (worker: string): WorkerQueue => {
    const known = queues.get(worker);
    if (known !== undefined) return known;
    const made = openWorkerQueue({
      name: queueName(name, worker),
      owner: { realm: name, worker },
      clients,
      logger,
    });
    queues.set(worker, made);
    return made;
  };

  const events = openEventStore(documents, writer);
  const leases = {
    table: tables.events,
    documents,
    clock,
    times,
    steady: createSteadyTime(clock),
  };
  const due = openDueStore(leases);
  const dispatch = (request: DispatchRequest): Promise<DispatchReceipt> =>
    dispatchRun(request, { realm: name, clock, jobs, queue, writer });
  const wake = async ({ job_id, run_id }: RunKey, item: DataMap): Promise<void> => {
    const sent = readSent(item["x_sent"]);
    const worker = textOf(item["worker"]);
    await dispatch({
      job_id,
      run_id,
      ...(worker === undefined ? {} : { worker }),
      ...sent,
    });
  };

  return {
    name,
    record,
    config,
    jobs,
    connections: openConnectionsTable(tables.connections, documents, logger),
    s3triggers: openS3TriggersTable(tables.s3triggers, documents, logger),
    events,
    runs: openRunStore({
      ...leases,
      writer,
      takeWaiting: (run) =>
        takeWaiting(run, {
          ...{ due, jobs, queue, logger },
          listWorkers: () => listWorkers(name, clients),
        }),
      // Actions of cancelled runs need a worker (ON_FAIL_DISCARDED).
      ...(config.ON_FAIL_DISCARDED && config.FLEET === "typescript" ? { wake } : {}),
    }),
    children: openChildStore({ table: tables.events, documents, clock, redactor, ttl }),
    due,
    pools: openPoolStore(leases),
    scheduleGroup: openScheduleGroup(clients, name),
    schedule: openScheduleStore({
      realm: name,
      table: tables.events,
      jobsTable: tables.jobs,
      documents,
      clock,
    }),
    state: openStateStore({
      table: tables.state,
      documents,
      clients,
      clock,
      kms_key: kmsAliases(name).sys,
      ttl: {
        normal: parseDuration(config.STATE_TTL),
        max: parseDuration(config.STATE_MAX_TTL),
      },
    }),
    payloads: openPayloadStore({
      objects: area(record.s3_payloads),
      logger,
      version: config.PAYLOAD_DOWNLOADER,
    }),
    temp: openTempStore(area(record.s3_temp)),
    secrets: openSecretStore({
      clients,
      clock,
      redactor,
      cache: { ttl: parseDuration(config.PARAM_CACHE_TTL), size: config.PARAM_CACHE_SIZE },
    }),
    rules: openRuleStore(clients),
    clients,
    clock,
    logger,
    redactor,
    queue,
    listWorkers: () => listWorkers(name, clients),
    dispatch,
    send: (request) => sendDispatch(request, { realm: name, clock, jobs, queue, writer, due }),
    previewSend: (request) =>
      previewDispatch(request, { realm: name, clock, jobs, queue, writer, due }),
    rerun: (request) => rerunRun(request, { events, writer, dispatch, hostname: hostname() }),
  };
}
