import { type Clock, LavaError, type Logger, errorText } from "@lava/core";
import type { ReceivedMessage, WorkerQueue } from "@lava/realm";
import type { Slot, Slots } from "./slots.ts";
import type { VisibilityKeeper } from "./visibility-keeper.ts";
import type { WorkerEvents } from "./worker-events.ts";

/** Options of {@link poll}. */
export interface PollOptions {
  readonly queue: WorkerQueue;
  readonly slots: Slots;
  readonly visibility: VisibilityKeeper;
  /** Ends the loop; a long poll under way is cut short. */
  readonly signal: AbortSignal;
  /** Seconds of a long poll. */
  readonly wait: number;
  /** Return when the queue gave nothing (WK-007). */
  readonly batch: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: WorkerEvents;
  /** 0 to 1, for the jitter of pauses after faults. */
  readonly random: () => number;
  /** Handles one message in its slot; never throws. */
  readonly handle: (message: ReceivedMessage, wasShort: boolean, slot: Slot) => Promise<void>;
}

/** Faults that no waiting cures (WK-022). */
const PERMANENT = new Set([
  "NO_SUCH_QUEUE",
  "QueueDoesNotExist",
  "AccessDenied",
  "AccessDeniedException",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
]);

/**
 * Takes messages while there are slots for them: one is received only when it can start at once, and an idle
 * worker waits in a long poll and nowhere else (WK-021).
 *
 * @throws {LavaError} CANNOT_POLL when the queue is gone or may not be read
 */
export async function poll(options: PollOptions): Promise<void> {
  const { queue, slots, visibility, signal } = options;
  await Promise.race([visibility.ready, aborted(signal)]);
  for (let faults = 0; ;) {
    try {
      await slots.whenFree(signal);
      if (signal.aborted) return;
      const seconds = visibility.seconds;
      const message = await queue.receive({
        wait: options.wait,
        signal,
        ...(seconds === undefined ? {} : { visibility: seconds }),
      });
      faults = 0;
      if (message !== undefined) start(message, seconds !== undefined, options);
      else if (options.batch && !signal.aborted) return;
    } catch (error) {
      if (signal.aborted) return;
      faults += 1;
      await pauseAfter(error, faults, options);
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function start(message: ReceivedMessage, wasShort: boolean, options: PollOptions): void {
  const { message_id, receives } = message;
  options.events.emit("message", { message_id, receives });
  void options.slots.run((slot) => options.handle(message, wasShort, slot));
}

/** Waits longer after each fault, up to 20 s, each worker at a moment of its own. */
async function pauseAfter(error: unknown, faults: number, options: PollOptions): Promise<void> {
  const { logger, clock, signal, random, events } = options;
  const text = `sqs_queue.receive_messages: ${errorText(error)}`;
  const code = error instanceof LavaError ? error.code : error instanceof Error ? error.name : "";
  if (PERMANENT.has(code)) {
    throw new LavaError("CANNOT_POLL", text, {
      cause: error,
      hint: `Check that queue ${options.queue.name} exists and that the worker's role may read it.`,
    });
  }
  const delayMs = Math.min(20_000, 250 * 2 ** Math.min(faults, 7)) * (0.5 + random() / 2);
  logger.warn({ event_type: "worker" }, text);
  events.emit("poll_failed", { error, delayMs });
  await clock.sleep(delayMs, signal).catch(() => undefined);
}
