import { createWriteStream } from "node:fs";
import { chmod, mkdir, rm, symlink } from "node:fs/promises";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { errorText } from "@lava/core";
import { type ArchiveGuard, unsafe } from "./archive-guard.ts";

/** Bytes of the text of a symbolic link: the kernel takes no longer ones. */
const LINK_BYTES = 4096;

/**
 * Unpacks a zip. Links are made last, so that no entry can be written through one. The library compares what comes
 * out of an entry with the size that the guard was told.
 */
export async function unpackZip(
  file: string,
  guard: ArchiveGuard,
  signal: AbortSignal,
): Promise<void> {
  // The default export is the module itself, also in a bundle; named ones are not there.
  const { default: yauzl } = await import("yauzl");
  // The library itself refuses names that are absolute or hold `..`.
  const zip = await yauzl.openPromise(file);
  const links = new Map<string, string>();
  try {
    for await (const entry of checked(zip.eachEntry())) {
      signal.throwIfAborted();
      const target = guard.place(entry.fileName, entry.uncompressedSize);
      const mode = entry.externalFileAttributes >>> 16;
      if (entry.fileName.endsWith("/")) {
        await mkdir(target, { recursive: true });
        continue;
      }
      await mkdir(dirname(target), { recursive: true });
      const content = await zip.openReadStreamPromise(entry);
      if ((mode & 0o170000) === 0o120000 && entry.uncompressedSize <= LINK_BYTES) {
        const link = await text(content);
        guard.link(target, link, "symbolic");
        links.set(target, link);
        continue;
      }
      links.delete(target);
      await pipeline(content, createWriteStream(target), { signal });
      if ((mode & 0o777) !== 0) await chmod(target, (mode & 0o777) | 0o600);
    }
  } finally {
    zip.close();
  }
  for (const [target, link] of links) {
    await rm(target, { force: true });
    await symlink(link, target);
  }
}

/** The library's refusal of a name that leads outside, as the guard says it. */
async function* checked<T>(entries: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* entries;
  } catch (error) {
    const name = /^(?:invalid relative path|absolute path): (.+)$/.exec(errorText(error))?.[1];
    throw name === undefined ? error : unsafe(name, error);
  }
}
