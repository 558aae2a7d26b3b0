import type { EngineContext } from "../engine.ts";
import type { Deduplication } from "./deduplication.ts";
import type { Messages } from "./messages.ts";
import type { Queues } from "./queues.ts";
import type { Waiters } from "./waiters.ts";

/** What the operations of SQS share. */
export interface SqsContext extends EngineContext {
  readonly queues: Queues;
  readonly messages: Messages;
  readonly deduplication: Deduplication;
  readonly waiters: Waiters;
}
