import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Duplex, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { errorText, LavaError } from "@lava/core";
import type { Unpack } from "tar";
import type { ArchiveGuard } from "./archive-guard.ts";

/** How compressed files begin, and what reads them: a program of the machine where Node.js has nothing. */
const COMPRESSIONS: readonly (readonly [string, (signal: AbortSignal) => Duplex])[] = [
  ["1f8b", () => createGunzip()],
  ["28b52ffd", () => createZstdDecompress()],
  ["425a68", program("bzip2")],
  ["fd377a585a00", program("xz")],
  ["5d0000", program("xz")],
  ["4c5a4950", program("lzip")],
  ["1f9d", program("gzip")],
];

/** Unpacks a tar archive, however it is compressed. The library writes through no link. */
export async function unpackTar(
  file: string,
  folder: string,
  guard: ArchiveGuard,
  signal: AbortSignal,
): Promise<void> {
  const { extract } = await import("tar");
  const stop = new AbortController();
  let fault: Error | undefined;
  const extractor = toWritable(
    extract({
      cwd: folder,
      filter(path, entry) {
        if (fault !== undefined) return false;
        try {
          const place = guard.place(path, "type" in entry ? entry.size : 0);
          const link = "linkpath" in entry ? entry.linkpath : undefined;
          if (link) {
            const isHard = "type" in entry && entry.type === "Link";
            guard.link(place, link, isHard ? "hard" : "symbolic");
          }
          return true;
        } catch (error) {
          fault = error instanceof Error ? error : new Error(errorText(error));
          stop.abort(error);
          return false;
        }
      },
    }),
  );
  const both = AbortSignal.any([signal, stop.signal]);
  const compression = await findCompression(file);
  const source = createReadStream(file);
  try {
    if (compression === undefined) await pipeline(source, extractor, { signal: both });
    else await pipeline(source, compression(both), extractor, { signal: both });
  } catch (error) {
    throw fault ?? error;
  }
  if (fault !== undefined) throw fault;
}

/** The library's parser as a stream of Node.js, which it is not. */
function toWritable(parser: Unpack): Writable {
  let isClosed = false;
  let onClose: (() => void) | undefined;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (parser.write(chunk)) done();
      else parser.once("drain", () => done());
    },
    final(done) {
      onClose = done;
      if (isClosed) done();
      else parser.end();
    },
  });
  parser.once("close", () => {
    isClosed = true;
    onClose?.();
  });
  parser.once("error", (error: Error) => stream.destroy(error));
  return stream;
}

async function findCompression(file: string) {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(6), 0, 6, 0);
    const head = buffer.subarray(0, bytesRead).toString("hex");
    return COMPRESSIONS.find(([magic]) => head.startsWith(magic))?.[1];
  } finally {
    await handle.close();
  }
}

/** A program that decompresses its standard input. */
function program(name: string): (signal: AbortSignal) => Duplex {
  return (signal) => {
    const child = spawn(name, ["-dc"], { stdio: ["pipe", "pipe", "ignore"], signal });
    const stream = Duplex.from({ writable: child.stdin, readable: child.stdout });
    child.once("error", (cause) => {
      stream.destroy(
        signal.aborted
          ? cause
          : new LavaError("UNKNOWN_ARCHIVE", `${name} cannot be run: ${cause.message}`, {
              cause,
              hint: `Install ${name} on the worker's host, or build the package as .zip or .tar.gz.`,
            }),
      );
    });
    child.once("exit", (status) => {
      if (status) stream.destroy(new Error(`${name} failed with exit status ${status}`));
    });
    return stream;
  };
}
