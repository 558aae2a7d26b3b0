import type { Data, DataMap } from "@lava/core";

/** @internal Until spec has them. */
export interface StoredJob {
  readonly job_id: string;
  readonly type: string;
  readonly worker: string;
  readonly payload: Data;
  readonly enabled: Data;
  readonly parameters: DataMap;
  readonly globals: DataMap;
  readonly state: DataMap;
  readonly owner?: string;
  readonly raw: DataMap;
  readonly warnings: readonly string[];
}
export interface StoredConnection {
  readonly conn_id: string;
  readonly type: string;
  readonly raw: DataMap;
}
export interface StoredS3Trigger {
  readonly trigger_id: string;
  readonly raw: DataMap;
}
export interface RealmRecord {
  readonly realm: string;
  readonly s3_payloads: string;
  readonly s3_temp: string;
  readonly s3_key?: string;
  readonly raw: DataMap;
}
export type RealmConfig = Readonly<Record<string, unknown>>;
export type EventStatus =
  | "starting"
  | "skipped"
  | "rejected"
  | "logging"
  | "running"
  | "retrying"
  | "complete"
  | "failed"
  | "action_failed";
export interface DispatchMessage {
  readonly realm: string;
  readonly worker: string;
  readonly job_id: string;
  readonly run_id: string;
  readonly ts_dispatch: string;
  readonly parameters?: DataMap;
  readonly globals?: DataMap;
}
