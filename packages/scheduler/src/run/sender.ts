import type { Realm } from "@lava/realm";
import { createGate } from "./gate.ts";

/** Sends messages in batches. */
export interface Sender {
  /** Resolves when the message is in the queue. */
  send(worker: string, body: string, delay: number): Promise<void>;
  /** Resolves when nothing is to be sent. */
  idle(): Promise<void>;
}

interface Waiting {
  readonly body: string;
  readonly delay: number;
  readonly done: PromiseWithResolvers<void>;
}

/** What one call takes. */
const BATCH = 10;
const BYTES = 200_000;

/** Calls under way at a time. */
const PARALLEL = 12;

/** A sender to the queues of a realm: what is sent in one turn of the event loop goes together. */
export function createSender(realm: Pick<Realm, "queue">): Sender {
  const waiting = new Map<string, Waiting[]>();
  const gate = createGate(PARALLEL);
  let open = 0;
  let quiet: PromiseWithResolvers<void> | undefined;

  function flush(worker: string): void {
    const list = waiting.get(worker) ?? [];
    waiting.delete(worker);
    for (let start = 0; start < list.length;) {
      let end = start;
      for (let size = 0; end < list.length && end - start < BATCH; end += 1) {
        size += Buffer.byteLength(list[end]?.body ?? "");
        if (size > BYTES && end > start) break;
      }
      const part = list.slice(start, end);
      void gate(() => sendPart(worker, part)).finally(() => {
        open -= part.length;
        if (open > 0) return;
        quiet?.resolve();
        quiet = undefined;
      });
      start = end;
    }
  }

  async function sendPart(worker: string, part: readonly Waiting[]): Promise<void> {
    try {
      const faults = await realm.queue(worker).sendBatch(part);
      for (const [index, { done }] of part.entries()) {
        const fault = faults[index];
        if (fault === undefined) done.resolve();
        else done.reject(fault);
      }
    } catch (error) {
      for (const { done } of part) done.reject(error);
    }
  }

  return {
    async send(worker, body, delay) {
      const done = Promise.withResolvers<void>();
      const list = waiting.get(worker);
      open += 1;
      if (list === undefined) {
        waiting.set(worker, [{ body, delay, done }]);
        setImmediate(flush, worker);
      } else list.push({ body, delay, done });
      await done.promise;
    },
    async idle() {
      if (open > 0) await (quiet ??= Promise.withResolvers<void>()).promise;
    },
  };
}
