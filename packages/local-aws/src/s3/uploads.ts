import type { ChecksumAlgorithm } from "../engine.ts";
import { number, optionalText, type Row, type Store, text } from "../store.ts";
import type { Piece } from "./bodies.ts";
import type { StoredHeaders } from "./object-headers.ts";
import type { ObjectChecksum } from "./objects.ts";

/** What CreateMultipartUpload was told. */
export interface UploadDetails {
  readonly headers: StoredHeaders;
  readonly tags: Readonly<Record<string, string>>;
  readonly algorithm: ChecksumAlgorithm | undefined;
  readonly checksumType: ObjectChecksum["type"];
}

/** A multipart upload that is under way. */
export interface Upload extends UploadDetails {
  readonly id: string;
  readonly bucket: number;
  readonly key: string;
  /** Milliseconds. */
  readonly created: number;
}

/** A part of an upload. */
export interface Part extends Piece {
  readonly number: number;
  /** Hexadecimal MD5. */
  readonly etag: string;
  readonly modified: number;
  readonly checksum: string | undefined;
}

/** The tables of uploads and their parts. */
export interface Uploads {
  insert(upload: Upload): void;
  find(bucket: number, key: string, id: string): Upload | undefined;
  /** Of a bucket, in order of keys and age. */
  list(bucket: number): Upload[];
  parts(id: string): Part[];
  findPart(id: string, number: number): Part | undefined;
  putPart(id: string, part: Part): void;
  delete(id: string): void;
  files(): string[];
}

/** Opens the tables of uploads. */
export function openUploads(store: Store): Uploads {
  store.exec(
    `CREATE TABLE IF NOT EXISTS s3_uploads (
      id TEXT PRIMARY KEY, bucket INTEGER NOT NULL, key TEXT NOT NULL, created INTEGER NOT NULL,
      details TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS s3_uploads_key ON s3_uploads (bucket, key, created);
    CREATE TABLE IF NOT EXISTS s3_parts (
      upload TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL,
      etag TEXT NOT NULL, modified INTEGER NOT NULL, checksum TEXT, PRIMARY KEY (upload, number)
    ) STRICT, WITHOUT ROWID;`,
  );
  const insert = store.prepare("INSERT INTO s3_uploads VALUES (?, ?, ?, ?, ?)");
  const find = store.prepare("SELECT * FROM s3_uploads WHERE id = ? AND bucket = ? AND key = ?");
  const list = store.prepare("SELECT * FROM s3_uploads WHERE bucket = ? ORDER BY key, created, id");
  const parts = store.prepare("SELECT * FROM s3_parts WHERE upload = ? ORDER BY number");
  const findPart = store.prepare("SELECT * FROM s3_parts WHERE upload = ? AND number = ?");
  const putPart = store.prepare("REPLACE INTO s3_parts VALUES (?, ?, ?, ?, ?, ?, ?)");
  const removeParts = store.prepare("DELETE FROM s3_parts WHERE upload = ?");
  const remove = store.prepare("DELETE FROM s3_uploads WHERE id = ?");
  const files = store.prepare("SELECT file FROM s3_parts");
  return {
    insert: ({ id, bucket, key, created, ...details }) =>
      void insert.run(id, bucket, key, created, JSON.stringify(details)),
    find(bucket, key, id) {
      const row = find.get(id, bucket, key);
      return row && toUpload(row);
    },
    list: (bucket) => list.all(bucket).map(toUpload),
    parts: (id) => parts.all(id).map(toPart),
    findPart(id, partNumber) {
      const row = findPart.get(id, partNumber);
      return row && toPart(row);
    },
    putPart: (id, part) =>
      void putPart.run(
        id,
        part.number,
        part.file,
        part.size,
        part.etag,
        part.modified,
        part.checksum ?? null,
      ),
    delete(id) {
      removeParts.run(id);
      remove.run(id);
    },
    files: () => files.all().map((row) => text(row, "file")),
  };
}

function toUpload(row: Row): Upload {
  // Written by `insert` alone.
  const details: UploadDetails = JSON.parse(text(row, "details"));
  return {
    id: text(row, "id"),
    bucket: number(row, "bucket"),
    key: text(row, "key"),
    created: number(row, "created"),
    headers: details.headers,
    tags: details.tags,
    algorithm: details.algorithm,
    checksumType: details.checksumType,
  };
}

function toPart(row: Row): Part {
  return {
    number: number(row, "number"),
    file: text(row, "file"),
    size: number(row, "size"),
    etag: text(row, "etag"),
    modified: number(row, "modified"),
    checksum: optionalText(row, "checksum"),
  };
}
