import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipFiles } from "../src/build/payload/zip.ts";

/** Writes a wheel of one module into a folder, as a package index would give it. */
export async function writeWheel(
  folder: string,
  name: string,
  options: { readonly requires?: readonly string[]; readonly code?: string } = {},
): Promise<void> {
  const info = `${name}-1.0.dist-info`;
  const metadata = [
    "Metadata-Version: 2.1",
    `Name: ${name}`,
    "Version: 1.0",
    ...(options.requires ?? []).map((other) => `Requires-Dist: ${other}`),
  ];
  const texts = {
    [`${name}.py`]: options.code ?? `NAME = "${name}"\n`,
    [`${info}/METADATA`]: `${metadata.join("\n")}\n`,
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${info}/RECORD`]: [`${name}.py`, `${info}/METADATA`, `${info}/WHEEL`, `${info}/RECORD`]
      .map((path) => `${path},,\n`)
      .join(""),
  };
  const files = Object.entries(texts).map(([path, text]) => ({
    path,
    content: Buffer.from(text),
    mode: 0o644,
  }));
  writeFileSync(join(folder, `${name}-1.0-py3-none-any.whl`), await zipFiles(files));
}
