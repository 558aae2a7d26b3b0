/** Typed access to one realm. */
export {
  type AwsCredentials,
  type AwsService,
  type AwsSettings,
  awsSettingsFromEnv,
  type Environment,
} from "./aws-settings.ts";
export { type CallerIdentity, callerIdentity } from "./caller-identity.ts";
export {
  type AwsClients,
  createAwsClients,
  createDispatchClients,
  createMetricsClients,
  createStopClients,
  type DispatchClients,
  type MetricsClients,
  type StopClients,
} from "./clients.ts";
export { isAccessDenied } from "./aws-errors.ts";
export { numberOf, textOf } from "./marshal.ts";
export { isTerminal } from "./events/run-record.ts";
export type { ChildRecord, ChildStatus, ChildStore } from "./children/types.ts";
export {
  type DispatchRealm,
  openDispatchRealm,
  type OpenDispatchRealmOptions,
} from "./dispatch/open-dispatch-realm.ts";
export { repeatableRunId, runIdOfKey } from "./dispatch/repeatable-run-id.ts";
export type { SeenStore } from "./dispatch/seen-store.ts";
export { dispatch, type DispatchOptions } from "./dispatch/dispatch-job.ts";
export type { DispatchReceipt, DispatchRequest, SendRequest, Sent } from "./dispatch/types.ts";
export type { DueItem, DueList, DueMessage, DueStore } from "./due/types.ts";
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
export type { ObjectSource, ObjectStore, PutOptions, StoredObject } from "./objects/types.ts";
export type { DownloadOptions, PayloadFile, PayloadStore } from "./objects/payload-types.ts";
export { parseS3Uri, type S3Location } from "./objects/s3-uri.ts";
export type { PoolRecord, PoolRequest, PoolSlot, PoolStore, PoolUse } from "./pools/types.ts";
export { createRealmResources, deleteRealmResources } from "./provision/provision.ts";
export type { RealmResources } from "./provision/types.ts";
export { openWorkerQueue, type WorkerQueueOptions } from "./queue/worker-queue.ts";
export type { QueueDepth, ReceivedMessage, ReceiveOptions, WorkerQueue } from "./queue/types.ts";
export { openRealm, type OpenRealmOptions, type Realm } from "./realm.ts";
export { toRunPlan } from "./rerun/rerun.ts";
export type { RerunRequest, RunPlan } from "./rerun/types.ts";
export type { EventRule, RuleStore } from "./rules/types.ts";
export { defaultLeaseTimes } from "./runs/lease.ts";
export { cancelText } from "./runs/cancel.ts";
export { readSent, writeSent } from "./runs/sent.ts";
export { openWorkerLease, type WorkerLeaseOptions } from "./runs/open-worker-lease.ts";
export type {
  CancelOutcome,
  CancelRequest,
  ClaimedRun,
  ClaimOptions,
  ClaimResult,
  LeaseOptions,
  LeaseRecord,
  LeaseTimes,
  RunStore,
  WorkerLease,
} from "./runs/types.ts";
export type { ReadSecretOptions, SecretStore } from "./secrets.ts";
export type {
  IndexedJob,
  LeaderLease,
  LeaderRecord,
  ListSlotsOptions,
  OpenSlot,
  Pause,
  PauseTarget,
  ScheduleChange,
  ScheduleStore,
  SlotKey,
  SlotLedger,
  SlotRecord,
  SlotState,
  Term,
} from "./schedule/types.ts";
export type { PutStateOptions, StateItem, StateStore, StateType } from "./state/types.ts";
export type { ListOptions, RecordTable, WriteOptions } from "./tables/record-table.ts";
export { openRealmsTable } from "./tables/tables.ts";
export type { TriggerIndex } from "./tables/trigger-index.ts";
export type { LiveOutput, LiveOutputs } from "./objects/live-output.ts";
export type { TempStore } from "./objects/temp-types.ts";
export type { ScheduleEntry, ScheduleGroup } from "./eventbridge/schedule-group.ts";
