import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { LavaError } from "@lava/core";
import { ZipFile } from "yazl";
import { VERSION } from "../version.ts";
import type { OwnFunction } from "./own-functions.ts";

/** The code of a function, ready for Lambda. */
export interface BuiltFunction {
  readonly name: OwnFunction;
  /** `<name>-<version>.zip` (LAM-001, OPS-043). */
  readonly file: string;
  readonly archive: Buffer;
  /** SHA-256 of the archive, in base64 as Lambda has it. */
  readonly sha256: string;
  /** Bytes of the bundle inside. */
  readonly bundle: number;
}

/** The same in every archive, so that the same code is the same bytes. DOS times have no zone: these are what is written. */
export const ENTRY = {
  mtime: new Date(1980, 0, 1, 0, 0, 0),
  mode: 0o100644,
  forceDosTimestamp: true,
} as const;

/** Where the bundles are: beside the command's own, or from sources where their package builds them. */
export function bundleFolder(): string {
  if (!import.meta.url.endsWith(".ts")) return fileURLToPath(new URL("functions", import.meta.url));
  return fileURLToPath(
    new URL("./dist/functions", import.meta.resolve("@lava/lambdas/package.json")),
  );
}

/**
 * Packs a function: its bundle and its source map. The same code gives the same bytes.
 *
 * @throws {LavaError} NOT_BUILT
 */
export async function buildFunction(name: OwnFunction, folder: string): Promise<BuiltFunction> {
  const read = async (file: string): Promise<Buffer> => {
    try {
      return await readFile(join(folder, file));
    } catch (error) {
      throw new LavaError("NOT_BUILT", `The function ${name} is not built: ${folder}/${file}`, {
        cause: error,
        hint: "Run `npm run build` in the repository of lava.",
      });
    }
  };
  const [code, map] = await Promise.all([read(`${name}.mjs`), read(`${name}.mjs.map`)]);
  const zip = new ZipFile();
  zip.addBuffer(code, `${name}.mjs`, ENTRY);
  zip.addBuffer(map, `${name}.mjs.map`, ENTRY);
  zip.end();
  const archive = await buffer(zip.outputStream);
  return {
    name,
    file: `${name}-${VERSION}.zip`,
    archive,
    sha256: createHash("sha256").update(archive).digest("base64"),
    bundle: code.length,
  };
}

/** Writes archives into a folder, which is made. */
export async function writeFunctions(
  functions: readonly BuiltFunction[],
  folder: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(functions.map(({ file, archive }) => writeFile(join(folder, file), archive)));
}
