import type { SqsContext } from "./context.ts";
import type { ReceivedMessage, StoredMessage } from "./messages.ts";
import { numericAttribute, parseRedrivePolicy, type RedrivePolicy } from "./queue-attributes.ts";
import { type Queue, queueNameOf } from "./queues.ts";

/** What a receiver asks for. */
export interface ReceiveRequest {
  readonly max: number;
  /** Seconds; undefined: as the queue says. */
  readonly visibility: number | undefined;
  /** Seconds; undefined: as the queue says. */
  readonly wait: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Takes up to `max` messages; while there is none, sleeps until one arrives or becomes visible, the
 * time is over, or the client has gone.
 */
export async function receive(
  context: SqsContext,
  name: string,
  request: ReceiveRequest,
): Promise<ReceivedMessage[]> {
  const { clock, queues, messages, waiters } = context;
  let queue = queues.get(name);
  const wait = request.wait ?? numericAttribute(queue.attributes, "ReceiveMessageWaitTimeSeconds");
  const deadline = clock.now() + wait * 1000;
  while (!request.signal.aborted) {
    const received = take(context, queue, request);
    const now = clock.now();
    if (received.length > 0 || now >= deadline) return received;
    const next = messages.nextVisible(queue.id, now) ?? deadline;
    await waiters.wait(queue.id, Math.min(next, deadline) - now, request.signal);
    // It may have been changed or deleted meanwhile.
    queue = queues.get(name);
  }
  return [];
}

function take(context: SqsContext, queue: Queue, request: ReceiveRequest): ReceivedMessage[] {
  const { clock, messages, store } = context;
  const now = clock.now();
  const visibility =
    1000 * (request.visibility ?? numericAttribute(queue.attributes, "VisibilityTimeout"));
  const retention = 1000 * numericAttribute(queue.attributes, "MessageRetentionPeriod");
  const redrive = parseRedrivePolicy(queue.attributes["RedrivePolicy"]);
  for (;;) {
    const found = messages.candidates(queue.id, queue.fifo, now, request.max);
    // Nothing is written, so that an idle poll costs no fsync.
    if (found.length === 0) return [];
    const settled = store.write(() =>
      found.map((message) => {
        if (message.sent <= now - retention) messages.delete(message.id);
        else if (!isSpent(message, redrive) || !bury(context, queue, message, redrive)) {
          return messages.receive(message, now, visibility);
        }
        return undefined;
      }),
    );
    const received = settled.filter((message) => message !== undefined);
    if (received.length > 0) return received;
  }
}

function isSpent(message: StoredMessage, redrive: RedrivePolicy | undefined): boolean {
  return redrive !== undefined && message.receives >= redrive.maxReceiveCount;
}

/** Moves a message to the dead-letter queue, if there is one. */
function bury(
  { clock, messages, queues, waiters }: SqsContext,
  queue: Queue,
  message: StoredMessage,
  redrive: RedrivePolicy | undefined,
): boolean {
  const target = queues.find(queueNameOf(redrive?.deadLetterTargetArn ?? ""));
  if (target === undefined) return false;
  messages.move(message.id, target.id, queues.arn(queue.name), clock.now());
  waiters.wake(target.id, 1);
  return true;
}
