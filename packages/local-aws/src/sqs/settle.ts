import { AwsError } from "../errors.ts";
import type { SqsContext } from "./context.ts";
import { invalidParameter } from "./errors.ts";
import type { StoredMessage } from "./messages.ts";
import type { Queue } from "./queues.ts";
import { parseReceiptHandle } from "./receipt-handle.ts";

const MAX_VISIBILITY_MS = 43_200_000;

/**
 * Deletes a message. One that is gone, or was received again since, is left alone without an error,
 * as a standard queue does; a FIFO queue refuses a handle that is out of date.
 */
export function deleteMessage(context: SqsContext, queue: Queue, receiptHandle: string): void {
  const { clock, messages, store, waiters } = context;
  const { id, nonce } = parseReceiptHandle(receiptHandle);
  const message = messages.find(queue.id, id);
  if (message === undefined) return;
  if (queue.fifo && (message.nonce !== nonce || message.visibleAt <= clock.now())) {
    throw invalidParameter(
      `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    );
  }
  if (message.nonce !== nonce) return;
  store.write(() => messages.delete(id));
  // The next message of its group may be received now.
  if (queue.fifo) waiters.wake(queue.id, 1);
}

/** Sets when a received message becomes visible again: `timeout` seconds from now, 0 at once. */
export function changeVisibility(
  context: SqsContext,
  queue: Queue,
  receiptHandle: string,
  timeout: number,
): void {
  const { clock, messages, store, waiters } = context;
  const { id, nonce } = parseReceiptHandle(receiptHandle);
  const now = clock.now();
  const message = messages.find(queue.id, id);
  if (message === undefined || message.nonce !== nonce) {
    throw invalidParameter(
      `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  }
  checkInFlight(message, now);
  const visibleAt = now + timeout * 1000;
  if (visibleAt - (message.received ?? now) > MAX_VISIBILITY_MS) {
    throw invalidParameter(
      `Value ${timeout} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].`,
    );
  }
  store.write(() => messages.setVisibleAt(id, visibleAt));
  if (timeout === 0) waiters.wake(queue.id, 1);
  // Polls sleep until the next message becomes visible: that may be this one, sooner than before.
  else if (visibleAt < message.visibleAt) waiters.wake(queue.id);
}

function checkInFlight(message: StoredMessage, now: number): void {
  if (message.visibleAt > now) return;
  throw new AwsError("MessageNotInflight", "The message referred to isn't in flight.", {
    queryCode: "AWS.SimpleQueueService.MessageNotInflight",
  });
}
