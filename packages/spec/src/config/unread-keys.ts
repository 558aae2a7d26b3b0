import type { ConfigName } from "./index.ts";

const SCHEDULER = "schedulers read it, and this version has none";
const SQL = "the job types and connections that read it are not in this version";
const SHAREPOINT = "SharePoint connections read it, and this version has none";
const LAMBDA = "the s3trigger function reads it, and this version has none";
const ZOOKEEPER = "queues are those of SQS in this version";
const CONSOLE = "the console reads it, and this version has none";

/**
 * Keys that are checked and that nothing reads: why each has no effect. A test compares this with the sources; who sets
 * one is warned.
 */
export const unreadKeys: Readonly<Partial<Record<ConfigName, string>>> = {
  CONSOLE_BIND: CONSOLE,
  CONSOLE_PORT: CONSOLE,
  DISPATCHER: SCHEDULER,
  DLQ: "a message that cannot be delivered is a rejected event; the queue's own redrive policy decides on the rest",
  LEADER_TTL: SCHEDULER,
  LEASE_EXTEND: "messages are extended with the lease",
  NO_DISPATCH: SCHEDULER,
  QUEUE_BACKEND: ZOOKEEPER,
  S3TRIGGER_CACHE_TTL: LAMBDA,
  S3TRIGGER_DEDUP_CACHE_SIZE: LAMBDA,
  S3TRIGGER_DEDUP_TTL: LAMBDA,
  SCHED_CATCHUP: SCHEDULER,
  SP_LOGGING: SHAREPOINT,
  SQLV_TIMEOUT: SQL,
  ZK_HOSTS: ZOOKEEPER,
  ZK_ROOT: ZOOKEEPER,
  ZK_SESSION_TIMEOUT: ZOOKEEPER,
};
