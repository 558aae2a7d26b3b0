import { basename } from "node:path";
import { LavaError } from "@lava/core";
import { createArchiveGuard, type UnpackLimits } from "./archive-guard.ts";
import { unpackTar } from "./unpack-tar.ts";
import { unpackZip } from "./unpack-zip.ts";

/** What an archive is, by its name (JOB-pkg-04); undefined when lava cannot unpack it. */
function archiveKind(name: string): "zip" | "tar" | undefined {
  if (/\.zip$/i.test(name)) return "zip";
  return /\.(?:tar|tar\.[^/]+|tgz|tbz2?|txz|tzst)$/i.test(name) ? "tar" : undefined;
}

/** Options of {@link unpack}. */
export interface UnpackOptions extends UnpackLimits {
  readonly timeoutSeconds: number;
  /** Aborts when the run ends. */
  readonly signal?: AbortSignal;
}

/**
 * Unpacks an archive into a folder, with the modes of its entries. Entries and links that lead outside are refused,
 * and so is an archive that holds too much (JOB-pkg-05).
 *
 * @throws {LavaError} UNKNOWN_ARCHIVE, UNSAFE_ARCHIVE, ARCHIVE_TOO_LARGE, UNPACK_TIMEOUT, or what the archive
 * library throws
 */
export async function unpack(file: string, folder: string, options: UnpackOptions): Promise<void> {
  const { timeoutSeconds, signal } = options;
  const kind = archiveKind(basename(file));
  if (kind === undefined) {
    throw new LavaError("UNKNOWN_ARCHIVE", `Don't know how to unpack ${file}`);
  }
  const timeout = AbortSignal.timeout(Math.max(1, timeoutSeconds * 1000));
  const both = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  const guard = createArchiveGuard(folder, options);
  try {
    if (kind === "zip") await unpackZip(file, guard, both);
    else await unpackTar(file, folder, guard, both);
    await guard.checkLinks();
  } catch (error) {
    signal?.throwIfAborted();
    if (!timeout.aborted) throw error;
    throw new LavaError("UNPACK_TIMEOUT", `Timed out after ${timeoutSeconds.toFixed(1)} seconds`, {
      cause: error,
    });
  }
}
