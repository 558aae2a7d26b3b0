import { ZipFile } from "yazl";
import type { PayloadFile } from "./payload-builder.ts";

/**
 * A zip that depends on nothing but its files (FW-184): sorted, one fixed time, permissions without the write bits
 * that a umask decides on.
 */
export async function zipFiles(files: readonly PayloadFile[]): Promise<Buffer> {
  const zip = new ZipFile();
  // DOS times have no zone: the local fields are what is written.
  const mtime = new Date(1980, 0, 1, 0, 0, 0);
  for (const { path, content, mode } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    zip.addBuffer(Buffer.from(content), path, {
      mtime,
      mode: 0o100000 | (mode & 0o755),
      forceDosTimestamp: true,
      compressionLevel: 9,
    });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
