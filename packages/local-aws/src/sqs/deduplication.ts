import { number, type Store, text } from "../store.ts";

/** A message that was accepted in the last five minutes. */
export interface AcceptedMessage {
  readonly id: number;
  readonly messageId: string;
}

/** Remembers what FIFO queues accepted, even when the messages are gone again. */
export interface Deduplication {
  find(queue: number, key: string, now: number): AcceptedMessage | undefined;
  remember(queue: number, key: string, message: AcceptedMessage, now: number): void;
  forgetQueue(queue: number): void;
  forgetOld(now: number): void;
}

const INTERVAL_MS = 5 * 60_000;

/** Opens the table of accepted messages. */
export function openDeduplication(store: Store): Deduplication {
  store.exec(
    `CREATE TABLE IF NOT EXISTS sqs_deduplication (
      queue INTEGER NOT NULL, key TEXT NOT NULL, id INTEGER NOT NULL, message_id TEXT NOT NULL,
      accepted INTEGER NOT NULL, PRIMARY KEY (queue, key)
    ) STRICT, WITHOUT ROWID`,
  );
  const find = store.prepare(
    "SELECT id, message_id FROM sqs_deduplication WHERE queue = ? AND key = ? AND accepted > ?",
  );
  const remember = store.prepare("REPLACE INTO sqs_deduplication VALUES (?, ?, ?, ?, ?)");
  const forgetQueue = store.prepare("DELETE FROM sqs_deduplication WHERE queue = ?");
  const forgetOld = store.prepare("DELETE FROM sqs_deduplication WHERE accepted <= ?");
  const anyOld = store.prepare("SELECT 1 FROM sqs_deduplication WHERE accepted <= ? LIMIT 1");
  return {
    find(queue, key, now) {
      const row = find.get(queue, key, now - INTERVAL_MS);
      return row && { id: number(row, "id"), messageId: text(row, "message_id") };
    },
    remember: (queue, key, { id, messageId }, now) =>
      void remember.run(queue, key, id, messageId, now),
    forgetQueue: (queue) => void forgetQueue.run(queue),
    forgetOld(now) {
      if (anyOld.get(now - INTERVAL_MS) === undefined) return;
      store.write(() => forgetOld.run(now - INTERVAL_MS));
    },
  };
}
