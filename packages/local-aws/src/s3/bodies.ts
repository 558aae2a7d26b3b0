import { createHash, randomUUID } from "node:crypto";
import { createReadStream, mkdirSync, readdirSync, rmSync } from "node:fs";
import { open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { startChecksum } from "../checksums.ts";
import type { ChecksumAlgorithm } from "../engine.ts";

/** One file of a body. */
export interface Piece {
  readonly file: string;
  readonly size: number;
}

/** A file that was just written: on disk, but not yet referred to by anything. */
export interface WrittenPiece extends Piece {
  /** Hexadecimal. */
  readonly md5: string;
  /** Base64; when an algorithm was asked for. */
  readonly checksum: string | undefined;
}

/** The files that hold the bytes of objects and parts. */
export interface Bodies {
  /** Writes and syncs a new file, its folder entry included; leaves nothing when it fails. */
  write(source: AsyncIterable<unknown>, algorithm?: ChecksumAlgorithm): Promise<WrittenPiece>;
  /** The bytes `start` up to and without `end` of the pieces together. */
  read(pieces: readonly Piece[], start: number, end: number): Promise<Buffer | Readable>;
  /** Removes files as soon as nobody reads them any more. */
  remove(pieces: readonly Piece[]): Promise<void>;
  /** Removes all files that are not `kept`: what a kill left behind. */
  sweep(kept: ReadonlySet<string>): number;
}

/** Bodies up to this size are read at once rather than streamed. */
const AT_ONCE = 256 * 1024;

/** Opens the folder of bodies; their names are random, so that keys never become paths. */
export function openBodies(folder: string): Bodies {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const readers = new Map<string, number>();
  const doomed = new Set<string>();
  const syncFolder = createFolderSync(folder);

  function pin(pieces: readonly Piece[]): void {
    for (const { file } of pieces) readers.set(file, (readers.get(file) ?? 0) + 1);
  }

  async function unpin(pieces: readonly Piece[]): Promise<void> {
    for (const { file } of pieces) {
      const left = (readers.get(file) ?? 1) - 1;
      if (left > 0) readers.set(file, left);
      else {
        readers.delete(file);
        if (doomed.delete(file)) await removeFile(join(folder, file));
      }
    }
  }

  return {
    async write(source, algorithm) {
      const file = randomUUID();
      const path = join(folder, file);
      const md5 = createHash("md5");
      const checksum = algorithm === undefined ? undefined : startChecksum(algorithm);
      let size = 0;
      const handle = await open(path, "wx", 0o600);
      try {
        for await (const chunk of source) {
          if (!Buffer.isBuffer(chunk)) throw new TypeError("a body must consist of bytes");
          md5.update(chunk);
          checksum?.update(chunk);
          await writeAll(handle, chunk);
          size += chunk.length;
        }
        await handle.sync();
        await handle.close();
        await syncFolder();
      } catch (error) {
        await handle.close().catch(() => undefined);
        await removeFile(path);
        throw error;
      }
      return { file, size, md5: md5.digest("hex"), checksum: checksum?.digest() };
    },

    async read(pieces, start, end) {
      const spans = spansOf(pieces, start, end);
      const [only] = spans;
      pin(pieces);
      if (only === undefined || (pieces.length === 1 && only.size <= AT_ONCE)) {
        try {
          if (only === undefined) return Buffer.alloc(0);
          const all = await readFile(join(folder, only.file));
          return all.subarray(start, end);
        } finally {
          await unpin(pieces);
        }
      }
      const stream = Readable.from(readSpans(folder, spans), { objectMode: false });
      // Destroyed or read to its end, even when nobody ever began to read.
      stream.once("close", () => void unpin(pieces));
      return stream;
    },

    async remove(pieces) {
      for (const { file } of pieces) {
        if (readers.has(file)) doomed.add(file);
        else await removeFile(join(folder, file));
      }
    },

    sweep(kept) {
      const orphans = readdirSync(folder).filter((file) => !kept.has(file));
      for (const file of orphans) rmSync(join(folder, file), { force: true });
      return orphans.length;
    },
  };
}

interface Span extends Piece {
  readonly start: number;
  readonly end: number;
}

function spansOf(pieces: readonly Piece[], start: number, end: number): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const piece of pieces) {
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, piece.size);
    if (from < to) spans.push({ ...piece, start: from, end: to });
    at += piece.size;
  }
  return spans;
}

async function* readSpans(folder: string, spans: readonly Span[]): AsyncGenerator<Buffer> {
  for (const { file, start, end } of spans) {
    const chunks: AsyncIterable<unknown> = createReadStream(join(folder, file), {
      start,
      end: end - 1,
      highWaterMark: 256 * 1024,
    });
    for await (const chunk of chunks) if (Buffer.isBuffer(chunk)) yield chunk;
  }
}

/** Writers that finish together share one fsync of the folder. */
function createFolderSync(folder: string): () => Promise<void> {
  let next: Promise<void> | undefined;
  let running: Promise<void> = Promise.resolve();
  return () => {
    next ??= (async () => {
      // One that has begun may have missed the newest entry: this is the one after it.
      await running.catch(() => undefined);
      next = undefined;
      running = sync(folder);
      await running;
    })();
    return next;
  };
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: Awaited<ReturnType<typeof open>>, chunk: Buffer): Promise<void> {
  let done = 0;
  while (done < chunk.length) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done);
    done += bytesWritten;
  }
}

async function removeFile(path: string): Promise<void> {
  // A file that cannot be removed now is an orphan, which the next start sweeps.
  await unlink(path).catch(() => undefined);
}
