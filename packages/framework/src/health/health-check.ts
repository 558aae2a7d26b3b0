import type { DataMap } from "@lava/core";

/** An entry of a table that a check finds fault with. */
export interface BadEntry {
  readonly id: string;
  readonly owner: string | undefined;
  /** What is wrong; undefined where the name of the check says it all. */
  readonly details: string | undefined;
}

/** Tables that checks look at, each read once however many checks use it (CLI-050). */
export interface HealthTables {
  readonly realm: string;
  jobs(): Promise<readonly DataMap[]>;
  connections(): Promise<readonly DataMap[]>;
  s3triggers(): Promise<readonly DataMap[]>;
  /** Workers that have a queue. */
  workers(): Promise<readonly string[]>;
  /** Whether a job has ever run. */
  hasRuns(job_id: string): Promise<boolean>;
  /** Whether the payload area has an object of that name, or some that begin with it. */
  hasPayload(name: string): Promise<boolean>;
}

/** One check of the tables of a realm (CLI-046, CLI-053). */
export interface HealthCheck {
  readonly name: string;
  readonly description: string;
  readonly table: "jobs" | "connections" | "s3triggers";
  /** Whether `x-lava-nocheck` of an entry switches it off (CLI-048). */
  readonly suppressible: boolean;
  /** What is wrong with an entry: several details, or an empty one. */
  check(item: DataMap, tables: HealthTables): Promise<readonly (string | undefined)[]>;
}

/** Key attribute of each table. */
export const TABLE_KEYS = {
  jobs: "job_id",
  connections: "conn_id",
  s3triggers: "trigger_id",
} as const;
