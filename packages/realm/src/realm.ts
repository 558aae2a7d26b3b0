import type { Clock, Logger, Redactor } from "@lava/core";
import type { Environment } from "./aws-settings.ts";
import type { AwsClients } from "./clients.ts";
import type { DispatchReceipt, DispatchRequest } from "./dispatch/types.ts";
import type { EventStore } from "./events/types.ts";
import type { PayloadStore } from "./payload-store.ts";
import type { WorkerQueue } from "./queue/types.ts";
import type { RunStore } from "./runs/types.ts";
import type { SecretStore } from "./secrets.ts";
import type {
  RealmConfig,
  RealmRecord,
  StoredConnection,
  StoredJob,
  StoredS3Trigger,
} from "./spec-types.ts";
import type { StateStore } from "./state/types.ts";
import type { RecordTable } from "./tables/record-table.ts";
import type { TempStore } from "./temp-store.ts";

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
  readonly state: StateStore;
  readonly payloads: PayloadStore;
  readonly temp: TempStore;
  readonly secrets: SecretStore;
  readonly clients: AwsClients;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly redactor: Redactor;
  /** The queue of a worker; the same object for the same worker. */
  queue(worker: string): WorkerQueue;
  /** Sends one run of a job to its worker. @throws {LavaError} NO_SUCH_JOB, JOB_DISABLED, BAD_DELAY, NO_SUCH_QUEUE, MESSAGE_TOO_LARGE */
  dispatch(request: DispatchRequest): Promise<DispatchReceipt>;
}

/** Options of {@link openRealm}. */
export interface OpenRealmOptions {
  readonly clients: AwsClients;
  /** For configuration (`LAVA_<NAME>`). */
  readonly env: Environment;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly redactor?: Redactor;
}

/** Reads the realm's record and configuration. @throws {LavaError} NO_SUCH_REALM, BAD_REALM_RECORD, BAD_CONFIG */
export type OpenRealm = (name: string, options: OpenRealmOptions) => Promise<Realm>;
export declare const openRealm: OpenRealm;
