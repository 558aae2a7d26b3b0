import type { EngineContext } from "../engine.ts";
import { number, type Row, text } from "../store.ts";
import { queueDoesNotExist } from "./errors.ts";
import type { QueueAttributes } from "./queue-attributes.ts";

/** A queue as it is stored. */
export interface Queue {
  readonly id: number;
  readonly name: string;
  readonly fifo: boolean;
  readonly attributes: QueueAttributes;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly created: number;
  /** Milliseconds. */
  readonly modified: number;
}

/** The table of queues. */
export interface Queues {
  find(name: string): Queue | undefined;
  /** Throws QueueDoesNotExist. */
  get(name: string): Queue;
  /** In order of their names, after `after`. */
  list(prefix: string, after: string, limit: number): Queue[];
  all(): Queue[];
  insert(queue: Pick<Queue, "name" | "attributes" | "tags">, now: number): void;
  setAttributes(id: number, attributes: QueueAttributes, now: number): void;
  setTags(id: number, tags: Readonly<Record<string, string>>): void;
  delete(id: number): void;
  url(name: string): string;
  arn(name: string): string;
}

/** Opens the table of queues. */
export function openQueues(context: EngineContext): Queues {
  const { store } = context;
  store.exec(
    `CREATE TABLE IF NOT EXISTS sqs_queues (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      attributes TEXT NOT NULL,
      tags TEXT NOT NULL,
      created INTEGER NOT NULL,
      modified INTEGER NOT NULL
    ) STRICT`,
  );
  const byName = store.prepare("SELECT * FROM sqs_queues WHERE name = ?");
  const listing = store.prepare(
    "SELECT * FROM sqs_queues WHERE substr(name, 1, length(?1)) = ?1 AND name > ?2 ORDER BY name LIMIT ?3",
  );
  const insert = store.prepare(
    "INSERT INTO sqs_queues (name, attributes, tags, created, modified) VALUES (?, ?, ?, ?, ?)",
  );
  const setAttributes = store.prepare(
    "UPDATE sqs_queues SET attributes = ?, modified = ? WHERE id = ?",
  );
  const setTags = store.prepare("UPDATE sqs_queues SET tags = ? WHERE id = ?");
  const remove = store.prepare("DELETE FROM sqs_queues WHERE id = ?");

  function find(name: string): Queue | undefined {
    const row = byName.get(name);
    return row === undefined ? undefined : toQueue(row);
  }

  return {
    find,
    get(name) {
      const queue = find(name);
      if (queue === undefined) throw queueDoesNotExist();
      return queue;
    },
    list: (prefix, after, limit) => listing.all(prefix, after, limit).map(toQueue),
    all: () => listing.all("", "", -1).map(toQueue),
    insert(queue, now) {
      insert.run(
        queue.name,
        JSON.stringify(queue.attributes),
        JSON.stringify(queue.tags),
        now,
        now,
      );
    },
    setAttributes: (id, attributes, now) =>
      void setAttributes.run(JSON.stringify(attributes), now, id),
    setTags: (id, tags) => void setTags.run(JSON.stringify(tags), id),
    delete: (id) => void remove.run(id),
    url: (name) => `${context.endpoint()}/${context.accountId}/${name}`,
    arn: (name) => `arn:aws:sqs:${context.region}:${context.accountId}:${name}`,
  };
}

/** The name in the ARN or URL of a queue. */
export function queueNameOf(arnOrUrl: string): string {
  return /[^:/]*$/.exec(arnOrUrl)?.[0] ?? "";
}

function toQueue(row: Row): Queue {
  const name = text(row, "name");
  return {
    id: number(row, "id"),
    name,
    fifo: name.endsWith(".fifo"),
    attributes: textMap(text(row, "attributes")),
    tags: textMap(text(row, "tags")),
    created: number(row, "created"),
    modified: number(row, "modified"),
  };
}

function textMap(json: string): Record<string, string> {
  const value: unknown = JSON.parse(json);
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item)]));
}
