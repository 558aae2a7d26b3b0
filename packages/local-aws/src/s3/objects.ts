import type { Checksum } from "../engine.ts";
import { number, type Row, type Store, text } from "../store.ts";
import type { Piece } from "./bodies.ts";
import type { StoredHeaders } from "./object-headers.ts";

/** A checksum of an object, and what it was taken of. */
export interface ObjectChecksum extends Checksum {
  readonly type: "COMPOSITE" | "FULL_OBJECT";
}

/** What is known of an object besides its key. */
export interface ObjectFacts {
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds. */
  readonly modified: number;
  readonly headers: StoredHeaders;
  readonly tags: Readonly<Record<string, string>>;
  readonly checksum: ObjectChecksum | undefined;
  /** More than one after a multipart upload. */
  readonly pieces: readonly Piece[];
  /** Whether it came by a multipart upload, be it of one part. */
  readonly multipart: boolean;
}

/** An object as it is stored. */
export interface StoredObject extends ObjectFacts {
  readonly key: string;
}

/** The table of objects. */
export interface Objects {
  find(bucket: number, key: string): StoredObject | undefined;
  put(bucket: number, key: string, facts: ObjectFacts): void;
  delete(bucket: number, key: string): void;
  setTags(bucket: number, key: string, tags: Readonly<Record<string, string>>): void;
  isEmpty(bucket: number): boolean;
  /** In order of keys (bytes of UTF-8): those not before `from`, and after `after`. */
  list(bucket: number, from: string, after: string, limit: number): StoredObject[];
  /** The files of all objects. */
  files(): string[];
}

/** Opens the table of objects. */
export function openObjects(store: Store): Objects {
  store.exec(
    `CREATE TABLE IF NOT EXISTS s3_objects (
      bucket INTEGER NOT NULL, key TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
      modified INTEGER NOT NULL, details TEXT NOT NULL, pieces TEXT NOT NULL,
      PRIMARY KEY (bucket, key)
    ) STRICT`,
  );
  const find = store.prepare("SELECT * FROM s3_objects WHERE bucket = ? AND key = ?");
  const put = store.prepare("REPLACE INTO s3_objects VALUES (?, ?, ?, ?, ?, ?, ?)");
  const remove = store.prepare("DELETE FROM s3_objects WHERE bucket = ? AND key = ?");
  const setTags = store.prepare(
    "UPDATE s3_objects SET details = json_set(details, '$.tags', json(?)) WHERE bucket = ? AND key = ?",
  );
  const any = store.prepare("SELECT 1 FROM s3_objects WHERE bucket = ? LIMIT 1");
  const list = store.prepare(
    "SELECT * FROM s3_objects WHERE bucket = ? AND key >= ? AND key > ? ORDER BY key LIMIT ?",
  );
  const files = store.prepare(
    "SELECT json_extract(value, '$.file') AS file FROM s3_objects, json_each(pieces)",
  );
  return {
    find(bucket, key) {
      const row = find.get(bucket, key);
      return row && toObject(row);
    },
    put(bucket, key, { size, etag, modified, pieces, ...details }) {
      const json = JSON.stringify(details);
      put.run(bucket, key, size, etag, modified, json, JSON.stringify(pieces));
    },
    delete: (bucket, key) => void remove.run(bucket, key),
    setTags: (bucket, key, tags) => void setTags.run(JSON.stringify(tags), bucket, key),
    isEmpty: (bucket) => any.get(bucket) === undefined,
    list: (bucket, from, after, limit) => list.all(bucket, from, after, limit).map(toObject),
    files: () => files.all().map((row) => text(row, "file")),
  };
}

type Details = Pick<ObjectFacts, "headers" | "tags" | "checksum" | "multipart">;

function toObject(row: Row): StoredObject {
  // Both columns are written by `put` alone.
  const details: Details = JSON.parse(text(row, "details"));
  const pieces: readonly Piece[] = JSON.parse(text(row, "pieces"));
  return {
    key: text(row, "key"),
    size: number(row, "size"),
    etag: text(row, "etag"),
    modified: number(row, "modified"),
    headers: details.headers,
    tags: details.tags,
    checksum: details.checksum,
    multipart: details.multipart,
    pieces,
  };
}
