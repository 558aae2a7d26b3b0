import { readFile } from "node:fs/promises";
import { LavaError } from "@lava/core";
import type { PayloadFile } from "../handler.ts";

/**
 * The text of a payload file.
 *
 * @throws {LavaError} BAD_PAYLOAD for what is not UTF-8
 */
export async function readSqlFile({ name, path }: PayloadFile): Promise<string> {
  const bytes = await readFile(path);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new LavaError("BAD_PAYLOAD", `Payload file ${name} is not UTF-8 text`, {
      cause,
      retry: "never",
    });
  }
}
