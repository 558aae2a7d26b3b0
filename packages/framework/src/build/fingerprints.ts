import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isOwnPath } from "./own-path.ts";

/** Hex SHA-256. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Hex MD5: the ETag that S3 gives a plain upload. */
export function md5(content: Uint8Array): string {
  return createHash("md5").update(content).digest("hex");
}

/** Content of the inputs of a build, each read once. */
export interface Inputs {
  /** Content of a file; undefined when there is none. */
  read(path: string): Buffer | undefined;
  text(path: string): string | undefined;
  /** Whether a file, symlinks followed, is one of the project. */
  isOwn(path: string): boolean;
  /**
   * Fingerprint of an input: a project-relative path, or `@config`, `@realm`, `@user`, `@environ`,
   * `@environ:NAME`. `absent` when there is no such thing.
   */
  fingerprint(input: string): string;
}

/** Inputs of the project in `root`; `special` gives the values of names that begin with `@`. */
export function createInputs(root: string, special: (name: string) => string | undefined): Inputs {
  const contents = new Map<string, Buffer | undefined>();
  const prints = new Map<string, string>();
  const read = (path: string): Buffer | undefined => {
    if (!contents.has(path)) contents.set(path, readIfThere(join(root, path)));
    return contents.get(path);
  };
  return {
    read,
    text: (path) => read(path)?.toString("utf8"),
    isOwn: (path) => isOwn(root, path),
    fingerprint(input) {
      let print = prints.get(input);
      if (print === undefined) {
        const content = input.startsWith("@") ? special(input) : read(input);
        print = content === undefined ? "absent" : sha256(content);
        prints.set(input, print);
      }
      return print;
    },
  };
}

function isOwn(root: string, path: string): boolean {
  try {
    return isOwnPath(root, path);
  } catch {
    return true;
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // What may not be read is not the same as what is not there.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw error;
  }
}
