import type { ConfigName } from "./index.ts";

const SHAREPOINT = "SharePoint connections log what the worker logs";
const ZOOKEEPER = "queues are those of SQS in this version";
const CONSOLE = "the console reads it, and this version has none";

/**
 * Keys that are checked and that nothing reads: why each has no effect. A test compares this with the sources; who sets
 * one is warned.
 */
export const unreadKeys: Readonly<Partial<Record<ConfigName, string>>> = {
  CONSOLE_BIND: CONSOLE,
  CONSOLE_PORT: CONSOLE,
  DLQ: "a message that cannot be delivered is a rejected event; the queue's own redrive policy decides on the rest",
  LEASE_EXTEND: "messages are extended with the lease",
  QUEUE_BACKEND: ZOOKEEPER,
  SP_LOGGING: SHAREPOINT,
  ZK_HOSTS: ZOOKEEPER,
  ZK_ROOT: ZOOKEEPER,
  ZK_SESSION_TIMEOUT: ZOOKEEPER,
};
