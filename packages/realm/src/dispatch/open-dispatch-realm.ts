import {
  type Clock,
  createRedactor,
  type DataMap,
  type Logger,
  nullLogger,
  parseDuration,
  systemClock,
} from "@lava/core";
import { queueName, type RealmConfig, tableNames } from "@lava/spec";
import type { DispatchClients } from "../clients.ts";
import { createDocuments } from "../documents.ts";
import { createRunWriter } from "../events/run-writer.ts";
import type { WorkerQueue } from "../queue/types.ts";
import { openWorkerQueue } from "../queue/worker-queue.ts";
import { openJobsTable } from "../tables/tables.ts";
import { openTriggerIndex, type TriggerIndex } from "../tables/trigger-index.ts";
import { dispatchRun } from "./dispatch.ts";
import { openSeenStore, type SeenStore } from "./seen-store.ts";
import type { DispatchReceipt, DispatchRequest } from "./types.ts";

/** The part of a realm that sends runs. Its record is not read: functions may not (LAM-005). */
export interface DispatchRealm {
  readonly name: string;
  readonly clients: DispatchClients;
  /** The item of a job as it is stored. */
  getJob(job_id: string): Promise<DataMap | undefined>;
  readonly triggers: TriggerIndex;
  readonly seen: SeenStore;
  /** A queue by its whole name. */
  queue(name: string): WorkerQueue;
  /** Sends one run to the worker of the request, or that of its job. */
  dispatch(request: DispatchRequest): Promise<DispatchReceipt>;
}

/** Options of {@link openDispatchRealm}. */
export interface OpenDispatchRealmOptions {
  readonly clients: DispatchClients;
  readonly config: Pick<RealmConfig, "EVENT_TTL">;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** The sending part of a realm; nothing is asked of AWS before first use. */
export function openDispatchRealm(name: string, options: OpenDispatchRealmOptions): DispatchRealm {
  const { clients, config, clock = systemClock, logger = nullLogger } = options;
  const documents = createDocuments(clients);
  const tables = tableNames(name);
  const jobs = openJobsTable(tables.jobs, documents, logger);
  const writer = createRunWriter({
    table: tables.events,
    documents,
    clock,
    redactor: createRedactor(),
    ttl: config.EVENT_TTL === undefined ? 0 : parseDuration(config.EVENT_TTL),
  });
  const queues = new Map<string, WorkerQueue>();
  const queue = (full: string, worker = full): WorkerQueue => {
    const known = queues.get(full);
    if (known !== undefined) return known;
    const made = openWorkerQueue({ name: full, owner: { realm: name, worker }, clients, logger });
    queues.set(full, made);
    return made;
  };
  const context = {
    realm: name,
    clock,
    jobs,
    writer,
    queue: (worker: string) => queue(queueName(name, worker), worker),
  };
  return {
    name,
    clients,
    getJob: (job_id) => jobs.getItem(job_id),
    triggers: openTriggerIndex(tables.s3triggers, documents),
    seen: openSeenStore({ table: tables.state, documents, clock, logger }),
    queue: (full) => queue(full),
    dispatch: (request) => dispatchRun(request, context),
  };
}
