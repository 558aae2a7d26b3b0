import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { chmod, mkdir, symlink } from "node:fs/promises";
import { basename, dirname, resolve, sep } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { LavaError } from "@lava/core";

/** What an archive is, by its name (JOB-pkg-04). */
type ArchiveKind = "zip" | "tar" | "system_tar";

/** The kind of an archive; undefined when lava cannot unpack it. */
function archiveKind(name: string): ArchiveKind | undefined {
  if (/\.zip$/i.test(name)) return "zip";
  if (/\.(tar|tar\.gz|tgz)$/i.test(name)) return "tar";
  return /\.tar\.[^/]+$|\.(tbz2?|txz|tzst)$/i.test(name) ? "system_tar" : undefined;
}

/**
 * Unpacks an archive into a folder, with the modes of its entries. Entries that would land outside are refused
 * (JOB-pkg-05).
 *
 * @throws {LavaError} UNKNOWN_ARCHIVE, UNSAFE_ARCHIVE, UNPACK_TIMEOUT, or what the archive library throws
 */
export async function unpack(file: string, folder: string, timeoutSeconds: number): Promise<void> {
  const kind = archiveKind(basename(file));
  if (kind === undefined) {
    throw new LavaError("UNKNOWN_ARCHIVE", `Don't know how to unpack ${file}`);
  }
  const signal = AbortSignal.timeout(Math.max(1, timeoutSeconds * 1000));
  try {
    if (kind === "zip") await unpackZip(file, folder, signal);
    else if (kind === "tar") await unpackTar(file, folder, signal);
    else await promisify(execFile)("tar", ["-xf", file, "-C", folder], { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new LavaError("UNPACK_TIMEOUT", `Timed out after ${timeoutSeconds.toFixed(1)} seconds`, {
      cause: error,
    });
  }
}

async function unpackZip(file: string, folder: string, signal: AbortSignal): Promise<void> {
  // The default export is the module itself, also in a bundle; named ones are not there.
  const { default: yauzl } = await import("yauzl");
  // The library itself refuses names that are absolute or hold `..`.
  const zip = await yauzl.openPromise(file);
  try {
    for await (const entry of zip.eachEntry()) {
      signal.throwIfAborted();
      const target = inside(folder, entry.fileName);
      const mode = entry.externalFileAttributes >>> 16;
      if (entry.fileName.endsWith("/")) {
        await mkdir(target, { recursive: true });
        continue;
      }
      await mkdir(dirname(target), { recursive: true });
      const content = await zip.openReadStreamPromise(entry);
      if ((mode & 0o170000) === 0o120000) {
        await linkInside(folder, target, await text(content));
        continue;
      }
      await pipeline(content, createWriteStream(target), { signal });
      if ((mode & 0o777) !== 0) await chmod(target, (mode & 0o777) | 0o600);
    }
  } finally {
    zip.close();
  }
}

async function unpackTar(file: string, folder: string, signal: AbortSignal): Promise<void> {
  const { extract } = await import("tar");
  let fault: unknown;
  await Promise.race([
    extract({
      file,
      cwd: folder,
      filter(path, entry) {
        try {
          signal.throwIfAborted();
          inside(folder, path);
          const link = "linkpath" in entry ? entry.linkpath : undefined;
          if (typeof link === "string" && link !== "") {
            const isHard = "type" in entry && entry.type === "Link";
            insideLink(folder, isHard ? folder : dirname(resolve(folder, path)), link);
          }
          return fault === undefined;
        } catch (error) {
          fault ??= error;
          return false;
        }
      },
    }),
    new Promise((_resolve, reject) => {
      signal.addEventListener(
        "abort",
        () => {
          reject(new LavaError("UNPACK_TIMEOUT", "timed out", { cause: signal.reason }));
        },
        { once: true },
      );
    }),
  ]);
  if (fault instanceof Error) throw fault;
}

async function linkInside(folder: string, target: string, link: string): Promise<void> {
  insideLink(folder, dirname(target), link);
  await symlink(link, target);
}

function insideLink(folder: string, from: string, link: string): void {
  const to = resolve(from, link);
  if (link.startsWith("/") || (to !== folder && !to.startsWith(folder + sep))) throw unsafe(link);
}

/** The place of an entry; refused when it is outside of `folder`. */
function inside(folder: string, name: string): string {
  const target = resolve(folder, name);
  if (name.startsWith("/") || (target !== folder && !target.startsWith(folder + sep))) {
    throw unsafe(name);
  }
  return target;
}

function unsafe(name: string): LavaError {
  return new LavaError("UNSAFE_ARCHIVE", `the entry ${name} leaves the package`, {
    hint: "Build the package from relative paths and links that stay inside it.",
    retry: "never",
  });
}
