import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";
import { ENTRY } from "./build-functions.ts";
import type { OwnFunction } from "./own-functions.ts";

/**
 * The code of one of our functions as Lambda takes it, for the handler `<name>.handler`; the same bytes each time. From
 * sources it is a link into them, which works on this machine alone.
 */
export async function functionArchive(name: OwnFunction): Promise<Buffer> {
  const zip = new ZipFile();
  if (import.meta.url.endsWith(".ts")) {
    const lambdas = import.meta.resolve("@lava/lambdas/package.json");
    const source = new URL(`./src/functions/${name}.ts`, lambdas).href;
    zip.addBuffer(Buffer.from(`export * from ${JSON.stringify(source)};\n`), `${name}.mjs`, ENTRY);
  } else {
    const bundle = new URL(`./functions/${name}.mjs`, import.meta.url);
    zip.addBuffer(await readFile(bundle), `${name}.mjs`, ENTRY);
  }
  zip.end();
  return await buffer(zip.outputStream);
}
