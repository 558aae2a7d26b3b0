import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { FileSource } from "./file-transfer.ts";

/** A source as a stream. */
function toReadable(source: FileSource): Readable {
  if (typeof source === "string") return Readable.from([Buffer.from(source)]);
  if (source instanceof Uint8Array) return Readable.from([source]);
  if (source instanceof Readable) return source;
  if ("file" in source) return createReadStream(source.file);
  return Readable.from(source);
}

/** A source on its way: what it gave so far, and whether it was the source that failed. */
export interface WatchedSource {
  parts(): AsyncIterable<Uint8Array>;
  readonly size: number;
  readonly fault: { readonly error: unknown } | undefined;
}

/** Watches a source while it is read. */
export function watchSource(source: FileSource): WatchedSource {
  let size = 0;
  let fault: WatchedSource["fault"];
  return {
    async *parts() {
      try {
        for await (const part of toReadable(source)) {
          const bytes = Buffer.from(part);
          size += bytes.length;
          yield bytes;
        }
      } catch (error) {
        fault = { error };
        throw error;
      }
    },
    get size() {
      return size;
    },
    get fault() {
      return fault;
    },
  };
}
