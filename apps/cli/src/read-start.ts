import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { CliContext } from "./command.ts";

/** The start of a file, or of stdin for `-` and for none: at most `most` bytes, as text. */
export async function readStart(
  file: string | undefined,
  most: number,
  { cwd, stdin }: CliContext,
): Promise<string> {
  const isFile = file !== undefined && file !== "-";
  const stream = isFile ? createReadStream(resolve(cwd, file)) : stdin;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    const bytes = Buffer.from(part);
    parts.push(bytes);
    size += bytes.length;
    if (size >= most) break;
  }
  return Buffer.concat(parts).subarray(0, most).toString();
}
