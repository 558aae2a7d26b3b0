import { number, type Row, type Store, text } from "../store.ts";
import { noSuchBucket } from "./errors.ts";

/** A bucket as it is stored. */
export interface Bucket {
  readonly id: number;
  readonly name: string;
  readonly region: string;
  /** Milliseconds. */
  readonly created: number;
}

/** Documents that belong to a bucket, kept as they were sent. */
export type ConfigKind = "encryption" | "lifecycle" | "notification" | "tagging" | "versioning";

/** The tables of buckets and their configuration. */
export interface Buckets {
  find(name: string): Bucket | undefined;
  /** Throws NoSuchBucket. */
  get(name: string): Bucket;
  list(prefix: string, after: string, limit: number): Bucket[];
  insert(name: string, region: string, now: number): void;
  delete(id: number): void;
  config(id: number, kind: ConfigKind): string | undefined;
  setConfig(id: number, kind: ConfigKind, document: string | undefined): void;
}

/** Opens the tables of buckets. */
export function openBuckets(store: Store): Buckets {
  store.exec(
    `CREATE TABLE IF NOT EXISTS s3_buckets (
      id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, region TEXT NOT NULL,
      created INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS s3_bucket_configs (
      bucket INTEGER NOT NULL, kind TEXT NOT NULL, document TEXT NOT NULL,
      PRIMARY KEY (bucket, kind)
    ) STRICT, WITHOUT ROWID;`,
  );
  const byName = store.prepare("SELECT * FROM s3_buckets WHERE name = ?");
  const listing = store.prepare(
    "SELECT * FROM s3_buckets WHERE substr(name, 1, length(?1)) = ?1 AND name > ?2 ORDER BY name LIMIT ?3",
  );
  const insert = store.prepare("INSERT INTO s3_buckets (name, region, created) VALUES (?, ?, ?)");
  const remove = store.prepare("DELETE FROM s3_buckets WHERE id = ?");
  const removeConfigs = store.prepare("DELETE FROM s3_bucket_configs WHERE bucket = ?");
  const config = store.prepare(
    "SELECT document FROM s3_bucket_configs WHERE bucket = ? AND kind = ?",
  );
  const setConfig = store.prepare("REPLACE INTO s3_bucket_configs VALUES (?, ?, ?)");
  const removeConfig = store.prepare("DELETE FROM s3_bucket_configs WHERE bucket = ? AND kind = ?");

  function find(name: string): Bucket | undefined {
    const row = byName.get(name);
    return row && toBucket(row);
  }

  return {
    find,
    get(name) {
      const bucket = find(name);
      if (bucket === undefined) throw noSuchBucket(name);
      return bucket;
    },
    list: (prefix, after, limit) => listing.all(prefix, after, limit).map(toBucket),
    insert: (name, region, now) => void insert.run(name, region, now),
    delete(id) {
      removeConfigs.run(id);
      remove.run(id);
    },
    config(id, kind) {
      const row = config.get(id, kind);
      return row && text(row, "document");
    },
    setConfig(id, kind, document) {
      if (document === undefined) removeConfig.run(id, kind);
      else setConfig.run(id, kind, document);
    },
  };
}

function toBucket(row: Row): Bucket {
  return {
    id: number(row, "id"),
    name: text(row, "name"),
    region: text(row, "region"),
    created: number(row, "created"),
  };
}
