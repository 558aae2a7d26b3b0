/** Typed access to one realm. */
export {
  type AwsCredentials,
  type AwsService,
  type AwsSettings,
  awsSettingsFromEnv,
  type Environment,
} from "./aws-settings.ts";
export { type AwsClients, createAwsClients } from "./clients.ts";
export type { DispatchReceipt, DispatchRequest } from "./dispatch/types.ts";
export type {
  AppendOptions,
  EventOrigin,
  EventStore,
  ExtraAttributes,
  Fence,
  ListRunsOptions,
  LogEntry,
  Page,
  RunEvent,
  RunKey,
  RunRecord,
} from "./events/types.ts";
export type { ObjectSource, ObjectStore, StoredObject } from "./object-store.ts";
export type { DownloadOptions, PayloadFile, PayloadStore } from "./payload-store.ts";
export { createRealmResources, deleteRealmResources, type RealmResources } from "./provision.ts";
export type { QueueDepth, ReceivedMessage, ReceiveOptions, WorkerQueue } from "./queue/types.ts";
export { openRealm, type OpenRealmOptions, type Realm } from "./realm.ts";
export type {
  ClaimedRun,
  ClaimOptions,
  ClaimResult,
  LeaseOptions,
  LeaseRecord,
  RunStore,
  WorkerLease,
} from "./runs/types.ts";
export type { SecretStore } from "./secrets.ts";
export type { PutStateOptions, StateItem, StateStore, StateType } from "./state/types.ts";
export type { ListOptions, RecordTable, WriteOptions } from "./tables/record-table.ts";
export type { TempStore } from "./temp-store.ts";
