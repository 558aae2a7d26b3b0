import { open } from "node:fs/promises";
import { errorCode } from "./program.ts";

/**
 * The first `size` characters of a file, or the last ones when negative, stripped; null when nothing is left
 * (WK-107, T-64). What is not UTF-8 is replaced. A file that is gone has none.
 */
export async function readHeadOrTail(file: string, size: number): Promise<string | null> {
  if (size === 0) return null;
  const handle = await open(file, "r").catch((error: unknown) => {
    if (errorCode(error) !== "ENOENT") throw error;
  });
  if (handle === undefined) return null;
  try {
    const { size: length } = await handle.stat();
    const wanted = Math.min(length, Math.abs(size) * 4 + 4);
    const { bytesRead, buffer } = await handle.read(
      Buffer.alloc(wanted),
      0,
      wanted,
      size > 0 ? 0 : length - wanted,
    );
    const characters = [...buffer.subarray(0, bytesRead).toString("utf8")];
    const part = size > 0 ? characters.slice(0, size) : characters.slice(size);
    return part.join("").trim() || null;
  } finally {
    await handle.close();
  }
}
