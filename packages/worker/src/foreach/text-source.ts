import { createReadStream } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Readable } from "node:stream";
import { openS3Object, toS3Location } from "@lava/connectors";
import { errorText, LavaError } from "@lava/core";
import type { JobContext } from "../handler.ts";

/**
 * The text of a file of the worker or of an object (`s3://bucket/key`), piece by piece; what is not read is not
 * fetched. A relative name starts from the job's directory.
 */
export async function* readText(
  filename: string,
  { realm, tmpdir, signal }: Pick<JobContext, "realm" | "tmpdir" | "signal">,
): AsyncGenerator<string> {
  const location = toS3Location(filename);
  const path = isAbsolute(filename) ? filename : join(tmpdir, filename);
  const stream: Readable =
    location === undefined
      ? createReadStream(path)
      : (await openS3Object(realm.clients, location)).body;
  // A byte order mark is no part of the first name.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: false, fatal: true });
  try {
    for await (const chunk of stream) {
      signal.throwIfAborted();
      if (chunk instanceof Uint8Array) yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LavaError) throw error;
    throw new LavaError("CANNOT_READ_FILE", `${filename}: ${errorText(error)}`, { cause: error });
  } finally {
    stream.destroy();
  }
}

/** The lines of a text without their ends; a last line without an end counts. */
export async function* readLines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunks) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
  }
  if (rest !== "") yield rest;
}
