import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AwsError } from "../errors.ts";
import { readZip } from "./read-zip.ts";

/** The code of functions, by its hash: unpacked once, whoever uses it. */
export interface CodeStore {
  /** Unpacks an archive; gives the base64 of its SHA-256. */
  put(archive: Buffer): string;
  /** The folder of unpacked code. */
  folder(sha: string): string;
  /** The archive as it came. */
  archive(sha: string): Buffer;
  /** The path at which whoever was told of it may fetch an archive, as from S3 by a signed URL. */
  path(sha: string): string;
  /** The archive of a path; undefined for any other path. */
  archiveAt(path: string): Buffer | undefined;
}

const MAX_ARCHIVE = 52_428_800;

/** Opens the folder of code. */
export function openCodeStore(root: string): CodeStore {
  const folder = (sha: string): string => join(root, Buffer.from(sha, "base64").toString("hex"));
  return {
    put(archive) {
      if (archive.length > MAX_ARCHIVE) {
        throw new AwsError(
          "RequestEntityTooLargeException",
          `Request must be smaller than ${MAX_ARCHIVE} bytes for the UpdateFunctionCode operation`,
          { status: 413 },
        );
      }
      const sha = createHash("sha256").update(archive).digest("base64");
      if (existsSync(folder(sha))) return sha;
      const entries = readZip(archive);
      const making = join(root, `new-${randomUUID()}`);
      mkdirSync(making, { recursive: true, mode: 0o700 });
      for (const { name, data } of entries) {
        const file = join(making, "code", name);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, data);
      }
      mkdirSync(join(making, "code"), { recursive: true });
      writeFileSync(join(making, "code.zip"), archive);
      try {
        renameSync(making, folder(sha));
      } catch (error) {
        rmSync(making, { recursive: true, force: true });
        if (!existsSync(folder(sha))) throw error;
      }
      return sha;
    },
    folder: (sha) => join(folder(sha), "code"),
    archive: (sha) => readFileSync(join(folder(sha), "code.zip")),
    path: (sha) => `/_lambda/${Buffer.from(sha, "base64").toString("hex")}.zip`,
    archiveAt(path) {
      const [, hex] = /^\/_lambda\/([\da-f]{64})\.zip$/.exec(path) ?? [];
      const file = hex === undefined ? undefined : join(root, hex, "code.zip");
      return file !== undefined && existsSync(file) ? readFileSync(file) : undefined;
    },
  };
}
