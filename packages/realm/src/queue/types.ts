import type { DispatchMessage } from "@lava/spec";

/** A message as it was received. */
export interface ReceivedMessage {
  readonly message_id: string;
  readonly receipt: string;
  readonly body: string;
  /** How often the queue has handed it out, from 1. */
  readonly receives: number;
  /** Milliseconds when it was sent. */
  readonly sent: number;
}

/** Options of {@link WorkerQueue.receive}. */
export interface ReceiveOptions {
  /** Seconds of long polling, 20 by default. */
  readonly wait?: number;
  /** Seconds for which the message is hidden; the queue's own when absent. */
  readonly visibility?: number;
  /** Ends the wait; `receive` then returns undefined. */
  readonly signal?: AbortSignal;
}

/** How many messages a queue has. */
export interface QueueDepth {
  readonly visible: number;
  readonly hidden: number;
  readonly delayed: number;
}

/** The queue of one worker. */
export interface WorkerQueue {
  readonly name: string;
  /** Sends a message; `delay` whole seconds, 0 to 900. @throws {LavaError} NO_SUCH_QUEUE, MESSAGE_TOO_LARGE */
  send(message: DispatchMessage, options?: { delay?: number }): Promise<{ message_id: string }>;
  /** Sends a body as it is: the fresh copy of a message that is given back. */
  sendBody(body: string, options?: { delay?: number }): Promise<{ message_id: string }>;
  /**
   * Sends up to ten bodies in one call, together no larger than one message may be.
   *
   * @returns for each body undefined, or why it was not sent
   */
  sendBatch(
    entries: readonly { readonly body: string; readonly delay?: number }[],
  ): Promise<readonly (Error | undefined)[]>;
  /** Waits for one message. */
  receive(options?: ReceiveOptions): Promise<ReceivedMessage | undefined>;
  delete(receipt: string): Promise<void>;
  /**
   * Hides a message for `seconds` more. False when the worker's role may not: said once in the log, after which
   * the service is not asked again (design 5).
   */
  extend(receipt: string, seconds: number): Promise<boolean>;
  depth(): Promise<QueueDepth>;
  /** Whether a body could be sent now. @throws {LavaError} NO_SUCH_QUEUE, MESSAGE_TOO_LARGE */
  check(body: string): Promise<void>;
}
