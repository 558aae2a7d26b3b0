import { lstat, realpath } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { formatSize, LavaError } from "@lava/core";

/** How much may come out of an archive. */
export interface UnpackLimits {
  /** Bytes of all files together. */
  readonly maxBytes: number;
  readonly maxFiles: number;
}

/** Judges what comes out of an archive before it is written (JOB-pkg-05). Faults are LavaErrors. */
export interface ArchiveGuard {
  /** The absolute place of an entry. @throws {LavaError} UNSAFE_ARCHIVE, ARCHIVE_TOO_LARGE */
  place(name: string, bytes: number): string;
  /** Checks a link; a symbolic one counts from the folder of its entry, a hard one from the archive's root. */
  link(place: string, target: string, kind: "hard" | "symbolic"): void;
  /** Looks at all links once everything is there: links through links lead where their text does not show. */
  checkLinks(): Promise<void>;
}

/** A guard for what is unpacked into `folder`. */
export function createArchiveGuard(folder: string, limits: UnpackLimits): ArchiveGuard {
  const links: string[] = [];
  let bytes = 0;
  let files = 0;
  const isInside = (path: string): boolean => path === folder || path.startsWith(folder + sep);
  return {
    place(name, size) {
      const target = resolve(folder, name);
      if (name.startsWith("/") || name.includes("\0") || !isInside(target)) throw unsafe(name);
      files += 1;
      bytes += size;
      if (files > limits.maxFiles) throw tooLarge(`more than ${limits.maxFiles} files`);
      if (bytes > limits.maxBytes) throw tooLarge(`more than ${formatSize(limits.maxBytes)}`);
      return target;
    },
    link(place, target, kind) {
      const from = kind === "hard" ? folder : dirname(place);
      if (target.startsWith("/") || !isInside(resolve(from, target))) throw unsafe(target);
      if (kind === "symbolic") links.push(place);
    },
    async checkLinks() {
      const root = await realpath(folder);
      for (const place of links) {
        const isLink = await lstat(place).then(
          (found) => found.isSymbolicLink(),
          () => false,
        );
        if (!isLink) continue;
        const real = await realpath(place).catch(() => undefined); // leads nowhere
        if (real !== undefined && real !== root && !real.startsWith(root + sep)) {
          throw unsafe(place.slice(folder.length + 1));
        }
      }
    },
  };
}

/** The error for an entry that would be written outside. */
export function unsafe(name: string, cause?: unknown): LavaError {
  return new LavaError("UNSAFE_ARCHIVE", `the entry ${name} leaves the package`, {
    cause,
    hint: "Build the package from relative paths and links that stay inside it.",
    retry: "never",
  });
}

function tooLarge(what: string): LavaError {
  return new LavaError("ARCHIVE_TOO_LARGE", `the package holds ${what}`, {
    hint: "Make it smaller, or raise PKG_MAX_UNPACKED_SIZE or PKG_MAX_FILES.",
    retry: "never",
  });
}
