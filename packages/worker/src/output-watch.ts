import { createReadStream, createWriteStream, statSync } from "node:fs";
import { open, rename, truncate } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { errorText, formatSize, type Logger } from "@lava/core";
import type { LiveOutput } from "@lava/realm";
import { errorCode } from "./program.ts";

/** A file that a running program appends to. */
export interface WatchedFile {
  readonly file: string;
  /** Its name in the run's S3 area. */
  readonly name: string;
}

/** Options of {@link watchOutput}. */
export interface OutputWatchOptions {
  readonly files: readonly WatchedFile[];
  /** Bytes of one output that are kept: half from its beginning, half from its end; 0 for all. */
  readonly maxBytes: number;
  /** Stores the end of what is there so far. */
  readonly putLive: (name: string, output: LiveOutput) => Promise<void>;
  /** Milliseconds between two looks at the files. */
  readonly lookMs: number;
  /** Longest time between two uploads, milliseconds; the first ones follow faster. 0 for none. */
  readonly liveMs: number;
  readonly logger: Logger;
}

/** Bytes left out of outputs that were too long, by name. */
export type OutputCuts = ReadonlyMap<string, number>;

/** Bytes of a live output. */
const LIVE_BYTES = 256 * 1024;

interface Watched extends WatchedFile {
  /** Bytes taken away from the file's beginning so far; those of `head` and `tail` among them. */
  taken: number;
  /** Whether its beginning has been put aside. */
  hasHead: boolean;
  /** Size at the last upload, `taken` included. */
  shown: number;
}

/**
 * Looks after the outputs of a program while it runs: shows their ends to whoever follows the run, and keeps a
 * program that never stops printing from filling the disk. A program that ends soon costs one timer.
 *
 * @returns ends the watch and brings the files into their final form
 */
export function watchOutput(options: OutputWatchOptions): () => Promise<OutputCuts> {
  const { maxBytes, putLive, lookMs, liveMs, logger } = options;
  const files: Watched[] = options.files.map(({ file, name }) => ({
    file,
    name,
    taken: 0,
    hasHead: false,
    shown: 0,
  }));
  let pause = lookMs;
  let wait = lookMs;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let ended = false;

  async function look(): Promise<void> {
    wait -= lookMs;
    const isDue = liveMs > 0 && wait <= 0;
    for (const watched of files) {
      const size = sizeOf(watched.file);
      if (isDue && watched.taken + size > watched.shown) {
        const from = Math.max(0, size - LIVE_BYTES);
        const content = await readPart(watched.file, from, size);
        await putLive(watched.name, { offset: watched.taken + from, content });
        watched.shown = watched.taken + size;
      }
      if (maxBytes > 0 && size > maxBytes) await putAside(watched, maxBytes);
    }
    if (isDue) {
      wait = pause;
      pause = Math.min(pause * 2, Math.max(liveMs, lookMs));
    }
  }

  const schedule = (): void => {
    timer = setTimeout(() => {
      looking = look()
        .catch((error: unknown) => {
          // Nobody's job fails because others cannot look on.
          logger.debug({}, `Output cannot be shown: ${errorText(error)}`);
        })
        .then(() => {
          if (!ended) schedule();
        });
    }, lookMs);
    timer.unref();
  };
  schedule();

  return async () => {
    ended = true;
    clearTimeout(timer);
    await looking;
    const cuts = new Map<string, number>();
    if (maxBytes <= 0) return cuts;
    for (const watched of files) {
      const cut = await join(watched, maxBytes).catch((error: unknown) => {
        if (errorCode(error) === "ENOENT") return 0; // the program has removed them
        throw error;
      });
      if (cut > 0) cuts.set(watched.name, cut);
    }
    return cuts;
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

async function readPart(file: string, from: number, to: number): Promise<Uint8Array> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(to - from), 0, to - from, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Saves the beginning (once) and the end of a file that has grown too long, and empties it: its writer appends. */
async function putAside(watched: Watched, maxBytes: number): Promise<void> {
  const { file } = watched;
  const half = Math.floor(maxBytes / 2);
  const size = sizeOf(file);
  if (!watched.hasHead) {
    await copyPart(file, 0, half, `${file}.head`);
    watched.hasHead = true;
  }
  await copyPart(file, size - half, size, `${file}.tail`);
  await truncate(file, 0);
  watched.taken += size;
}

async function copyPart(file: string, from: number, to: number, target: string): Promise<void> {
  await pipeline(partOf(file, from, to), createWriteStream(target, { mode: 0o600 }));
}

function partOf(file: string, from: number, to: number): Readable {
  return from >= to
    ? Readable.from([])
    : createReadStream(file, { start: Math.max(0, from), end: to - 1 });
}

/** Makes one file of beginning, marker and end; how many bytes are missing between them. */
async function join(watched: Watched, maxBytes: number): Promise<number> {
  const { file, hasHead, taken } = watched;
  const size = sizeOf(file);
  const total = taken + size;
  if (!hasHead && size <= maxBytes) return 0;
  const half = Math.floor(maxBytes / 2);
  const cut = total - 2 * half;
  const marker = `\n[lava: ${cut} bytes left out, OUTPUT_MAX_SIZE is ${formatSize(maxBytes)}]\n`;
  const tail = hasHead ? sizeOf(`${file}.tail`) : 0;
  const fromTail = Math.min(tail, Math.max(0, half - size));
  const parts: readonly (() => Readable)[] = [
    () => (hasHead ? partOf(`${file}.head`, 0, half) : partOf(file, 0, half)),
    () => Readable.from([Buffer.from(marker)]),
    () => partOf(`${file}.tail`, tail - fromTail, tail),
    () => partOf(file, Math.max(0, size - half), size),
  ];
  await pipeline(
    async function* () {
      for (const part of parts) yield* part();
    },
    createWriteStream(`${file}.cut`, { mode: 0o600 }),
  );
  await rename(`${file}.cut`, file);
  return cut;
}
