import type { EngineContext } from "../engine.ts";
import { type Row, text } from "../store.ts";
import { notFound } from "./errors.ts";

/** Texts by name. */
export type TextMap = Readonly<Record<string, string>>;

/** A topic as it is stored. */
export interface Topic {
  readonly arn: string;
  readonly name: string;
  readonly fifo: boolean;
  readonly attributes: TextMap;
  readonly tags: TextMap;
}

/** A subscription as it is stored. */
export interface Subscription {
  readonly arn: string;
  readonly topic: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly attributes: TextMap;
}

/** The tables of topics and subscriptions. */
export interface Topics {
  arn(name: string): string;
  find(arn: string): Topic | undefined;
  /** Throws NotFound. */
  get(arn: string): Topic;
  list(after: string, limit: number): Topic[];
  put(topic: Pick<Topic, "arn" | "attributes" | "tags">): void;
  /** Its subscriptions go with it. */
  delete(arn: string): void;
  findSubscription(arn: string): Subscription | undefined;
  /** Of one topic, or of all. */
  listSubscriptions(topic: string | undefined, after: string, limit: number): Subscription[];
  putSubscription(subscription: Subscription): void;
  deleteSubscription(arn: string): void;
}

/** Opens the tables. */
export function openTopics({ accountId, region, store }: EngineContext): Topics {
  store.exec(
    `CREATE TABLE IF NOT EXISTS sns_topics (
      arn TEXT PRIMARY KEY, attributes TEXT NOT NULL, tags TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS sns_subscriptions (
      arn TEXT PRIMARY KEY, topic TEXT NOT NULL, protocol TEXT NOT NULL, endpoint TEXT NOT NULL,
      attributes TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS sns_subscriptions_topic ON sns_subscriptions (topic, arn);`,
  );
  const find = store.prepare("SELECT * FROM sns_topics WHERE arn = ?");
  const list = store.prepare("SELECT * FROM sns_topics WHERE arn > ? ORDER BY arn LIMIT ?");
  const put = store.prepare("REPLACE INTO sns_topics VALUES (?, ?, ?)");
  const remove = store.prepare("DELETE FROM sns_topics WHERE arn = ?");
  const removeAll = store.prepare("DELETE FROM sns_subscriptions WHERE topic = ?");
  const findOne = store.prepare("SELECT * FROM sns_subscriptions WHERE arn = ?");
  const listAll = store.prepare(
    "SELECT * FROM sns_subscriptions WHERE arn > ? ORDER BY arn LIMIT ?",
  );
  const listOf = store.prepare(
    "SELECT * FROM sns_subscriptions WHERE topic = ? AND arn > ? ORDER BY arn LIMIT ?",
  );
  const putOne = store.prepare("REPLACE INTO sns_subscriptions VALUES (?, ?, ?, ?, ?)");
  const removeOne = store.prepare("DELETE FROM sns_subscriptions WHERE arn = ?");

  const findTopic = (arn: string): Topic | undefined => {
    const row = find.get(arn);
    return row && toTopic(row);
  };

  return {
    arn: (name) => `arn:aws:sns:${region}:${accountId}:${name}`,
    find: findTopic,
    get(arn) {
      const topic = findTopic(arn);
      if (topic === undefined) throw notFound("Topic");
      return topic;
    },
    list: (after, limit) => list.all(after, limit).map(toTopic),
    put: ({ arn, attributes, tags }) =>
      void put.run(arn, JSON.stringify(attributes), JSON.stringify(tags)),
    delete(arn) {
      removeAll.run(arn);
      remove.run(arn);
    },
    findSubscription(arn) {
      const row = findOne.get(arn);
      return row && toSubscription(row);
    },
    listSubscriptions: (topic, after, limit) =>
      (topic === undefined ? listAll.all(after, limit) : listOf.all(topic, after, limit)).map(
        toSubscription,
      ),
    putSubscription: ({ arn, topic, protocol, endpoint, attributes }) =>
      void putOne.run(arn, topic, protocol, endpoint, JSON.stringify(attributes)),
    deleteSubscription: (arn) => void removeOne.run(arn),
  };
}

function toTopic(row: Row): Topic {
  const arn = text(row, "arn");
  const name = arn.slice(arn.lastIndexOf(":") + 1);
  // Written by `put` alone.
  const attributes: TextMap = JSON.parse(text(row, "attributes"));
  const tags: TextMap = JSON.parse(text(row, "tags"));
  return { arn, name, fifo: name.endsWith(".fifo"), attributes, tags };
}

function toSubscription(row: Row): Subscription {
  const attributes: TextMap = JSON.parse(text(row, "attributes"));
  return {
    arn: text(row, "arn"),
    topic: text(row, "topic"),
    protocol: text(row, "protocol"),
    endpoint: text(row, "endpoint"),
    attributes,
  };
}
