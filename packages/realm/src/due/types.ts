import type { RunKey } from "../events/types.ts";

/** A message to be sent later. */
export interface DueMessage extends RunKey {
  readonly worker: string;
  /** The body of the dispatch message, as it is to be sent. */
  readonly body: string;
  /** Milliseconds. */
  readonly due: number;
}

/** A message that waits, as its item tells it. */
export interface DueItem extends DueMessage {
  /** `run_id` of the item. */
  readonly key: string;
}

/** What waits for a worker's queue. */
export interface DueList {
  /** What is due and not sent, earliest first. */
  readonly due: readonly DueItem[];
  /** When the next one is due, milliseconds; undefined when nothing more waits. */
  readonly next: number | undefined;
}

/**
 * Messages that are sent later than the 15 minutes for which a queue can hold them back (design 5): deferred runs and
 * long waits between tries. Who sends one takes it first, for a minute: one whose sender died is sent by another.
 */
export interface DueStore {
  put(message: DueMessage): Promise<void>;
  /** @param from Only items that are due at or after this, milliseconds. */
  list(worker: string, from?: number): Promise<DueList>;
  /** All that waits for a worker's queue, due or not, earliest first. */
  waiting(worker: string): Promise<DueItem[]>;
  /** Takes an item in order to send it; false when another did. */
  take(item: DueItem): Promise<boolean>;
  /** The item was sent. */
  sent(item: DueItem): Promise<void>;
}
