import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { type Entry, fromBuffer, type ZipFile } from "yauzl";

/** Names in a zip file, with text and permissions. */
export async function unzip(file: string): Promise<Record<string, { text: string; mode: number }>> {
  const open = promisify<Buffer, ZipFile>((buffer, done) => {
    fromBuffer(buffer, { lazyEntries: false, autoClose: false }, done);
  });
  const zip = await open(readFileSync(file));
  const entries: Entry[] = [];
  await new Promise((resolve) => {
    zip.on("entry", (entry: Entry) => entries.push(entry));
    zip.on("end", resolve);
  });
  const found: Record<string, { text: string; mode: number }> = {};
  for (const entry of entries) {
    const stream = await promisify(zip.openReadStream.bind(zip))(entry);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    const mode = (entry.externalFileAttributes >>> 16) & 0o777;
    found[entry.fileName] = { text: Buffer.concat(chunks).toString(), mode };
  }
  return found;
}
