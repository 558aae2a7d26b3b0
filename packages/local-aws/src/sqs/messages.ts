import { createHash, randomUUID } from "node:crypto";
import { number, optionalText, type Row, type Store, text } from "../store.ts";
import { createReceiptHandle } from "./receipt-handle.ts";

/** A message on its way into a queue. */
export interface NewMessage {
  readonly body: string;
  /** JSON of the message attributes. */
  readonly attributes: string | undefined;
  readonly traceHeader: string | undefined;
  readonly sender: string;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  /** Milliseconds. */
  readonly delay: number;
}

/** A message as it is stored; times in milliseconds. */
export interface StoredMessage {
  readonly id: number;
  readonly messageId: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly attributes: string | undefined;
  readonly traceHeader: string | undefined;
  readonly sender: string;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly sourceArn: string | undefined;
  readonly sent: number;
  readonly visibleAt: number;
  readonly receives: number;
  readonly firstReceived: number | undefined;
  /** When the last receive was; undefined before the first. */
  readonly received: number | undefined;
  readonly nonce: string | undefined;
}

/** A message that was just received. */
export interface ReceivedMessage extends StoredMessage {
  readonly receiptHandle: string;
}

/** How many messages of a queue are in which state. */
export interface MessageCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** The table of messages. */
export interface Messages {
  insert(queue: number, message: NewMessage, now: number): { id: number; messageId: string };
  /** What may be received now, oldest first; of a FIFO queue only what its groups allow. */
  candidates(queue: number, fifo: boolean, now: number, limit: number): StoredMessage[];
  /** Marks a message as received, for `visibility` milliseconds. */
  receive(message: StoredMessage, now: number, visibility: number): ReceivedMessage;
  /** When the next hidden message of the queue becomes visible. */
  nextVisible(queue: number, now: number): number | undefined;
  find(queue: number, id: number): StoredMessage | undefined;
  delete(id: number): void;
  setVisibleAt(id: number, visibleAt: number): void;
  /** Moves a message to its dead-letter queue. */
  move(id: number, queue: number, sourceArn: string, now: number): void;
  counts(queue: number, now: number, sentAfter: number): MessageCounts;
  purge(queue: number): void;
  /** Whether anything was sent at `sentUntil` or before. */
  hasExpired(queue: number, sentUntil: number): boolean;
  /** Deletes what was sent at `sentUntil` or before. */
  expire(queue: number, sentUntil: number): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sqs_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    body TEXT NOT NULL,
    body_md5 TEXT NOT NULL,
    attributes TEXT,
    trace_header TEXT,
    sender TEXT NOT NULL,
    group_id TEXT,
    deduplication_id TEXT,
    source_arn TEXT,
    sent INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    receives INTEGER NOT NULL DEFAULT 0,
    first_received INTEGER,
    received INTEGER,
    nonce TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS sqs_messages_visible ON sqs_messages (queue, visible_at, id);
  CREATE INDEX IF NOT EXISTS sqs_messages_sent ON sqs_messages (queue, sent);
  CREATE INDEX IF NOT EXISTS sqs_messages_group ON sqs_messages (queue, group_id, id)
    WHERE group_id IS NOT NULL;`;

/** Opens the table of messages. */
export function openMessages(store: Store): Messages {
  store.exec(SCHEMA);
  const insert = store.prepare(
    `INSERT INTO sqs_messages (queue, message_id, body, body_md5, attributes, trace_header, sender,
       group_id, deduplication_id, sent, visible_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const standard = store.prepare(
    "SELECT * FROM sqs_messages WHERE queue = ?1 AND visible_at <= ?2 ORDER BY visible_at, id LIMIT ?3",
  );
  // Nothing of a group while an earlier message of it is hidden (in flight or delayed).
  const fifo = store.prepare(
    `SELECT * FROM sqs_messages AS m WHERE queue = ?1 AND visible_at <= ?2 AND NOT EXISTS (
       SELECT 1 FROM sqs_messages AS earlier WHERE earlier.queue = m.queue
         AND earlier.group_id = m.group_id AND earlier.id < m.id AND earlier.visible_at > ?2
     ) ORDER BY id LIMIT ?3`,
  );
  const receive = store.prepare(
    `UPDATE sqs_messages SET visible_at = ?, receives = receives + 1, received = ?, nonce = ?,
       first_received = coalesce(first_received, ?) WHERE id = ?`,
  );
  const nextVisible = store.prepare(
    "SELECT min(visible_at) AS at FROM sqs_messages WHERE queue = ? AND visible_at > ?",
  );
  const find = store.prepare("SELECT * FROM sqs_messages WHERE id = ? AND queue = ?");
  const remove = store.prepare("DELETE FROM sqs_messages WHERE id = ?");
  const setVisibleAt = store.prepare("UPDATE sqs_messages SET visible_at = ? WHERE id = ?");
  const move = store.prepare(
    "UPDATE sqs_messages SET queue = ?, source_arn = ?, visible_at = ?, nonce = NULL, received = NULL WHERE id = ?",
  );
  const counts = store.prepare(
    `SELECT count(*) FILTER (WHERE visible_at <= ?2) AS visible,
       count(*) FILTER (WHERE visible_at > ?2 AND nonce IS NOT NULL) AS in_flight,
       count(*) FILTER (WHERE visible_at > ?2 AND nonce IS NULL) AS delayed
     FROM sqs_messages WHERE queue = ?1 AND sent > ?3`,
  );
  const purge = store.prepare("DELETE FROM sqs_messages WHERE queue = ?");
  const anyExpired = store.prepare(
    "SELECT 1 FROM sqs_messages WHERE queue = ? AND sent <= ? LIMIT 1",
  );
  const expire = store.prepare("DELETE FROM sqs_messages WHERE queue = ? AND sent <= ?");

  return {
    insert(queue, message, now) {
      const messageId = randomUUID();
      const { lastInsertRowid } = insert.run(
        queue,
        messageId,
        message.body,
        createHash("md5").update(message.body).digest("hex"),
        message.attributes ?? null,
        message.traceHeader ?? null,
        message.sender,
        message.groupId ?? null,
        message.deduplicationId ?? null,
        now,
        now + message.delay,
      );
      return { id: Number(lastInsertRowid), messageId };
    },
    candidates: (queue, isFifo, now, limit) =>
      (isFifo ? fifo : standard).all(queue, now, limit).map(toMessage),
    receive(message, now, visibility) {
      const nonce = randomUUID();
      receive.run(now + visibility, now, nonce, now, message.id);
      return {
        ...message,
        nonce,
        receives: message.receives + 1,
        firstReceived: message.firstReceived ?? now,
        received: now,
        visibleAt: now + visibility,
        receiptHandle: createReceiptHandle(message.id, nonce),
      };
    },
    nextVisible(queue, now) {
      const at = nextVisible.get(queue, now)?.["at"];
      return typeof at === "number" ? at : undefined;
    },
    find(queue, id) {
      const row = find.get(id, queue);
      return row === undefined ? undefined : toMessage(row);
    },
    delete: (id) => void remove.run(id),
    setVisibleAt: (id, visibleAt) => void setVisibleAt.run(visibleAt, id),
    move: (id, queue, sourceArn, now) => void move.run(queue, sourceArn, now, id),
    counts(queue, now, sentAfter) {
      const row = counts.get(queue, now, sentAfter) ?? {};
      return {
        visible: number(row, "visible"),
        inFlight: number(row, "in_flight"),
        delayed: number(row, "delayed"),
      };
    },
    purge: (queue) => void purge.run(queue),
    hasExpired: (queue, sentUntil) => anyExpired.get(queue, sentUntil) !== undefined,
    expire: (queue, sentUntil) => void expire.run(queue, sentUntil),
  };
}

function toMessage(row: Row): StoredMessage {
  const { first_received: firstReceived, received } = row;
  return {
    id: number(row, "id"),
    messageId: text(row, "message_id"),
    body: text(row, "body"),
    bodyMd5: text(row, "body_md5"),
    attributes: optionalText(row, "attributes"),
    traceHeader: optionalText(row, "trace_header"),
    sender: text(row, "sender"),
    groupId: optionalText(row, "group_id"),
    deduplicationId: optionalText(row, "deduplication_id"),
    sourceArn: optionalText(row, "source_arn"),
    sent: number(row, "sent"),
    visibleAt: number(row, "visible_at"),
    receives: number(row, "receives"),
    firstReceived: typeof firstReceived === "number" ? firstReceived : undefined,
    received: typeof received === "number" ? received : undefined,
    nonce: optionalText(row, "nonce"),
  };
}
