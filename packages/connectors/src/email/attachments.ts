import { open } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Readable } from "node:stream";
import { errorText, LavaError, parseSize } from "@lava/core";
import type { ConnectorContext } from "../connector.ts";
import { openS3Object, toS3Location } from "../s3-file.ts";
import type { Attachment } from "./client.ts";

/** A file of a mail, read. */
export interface LoadedAttachment {
  readonly filename: string;
  readonly content: Buffer;
}

/**
 * Reads the files of a mail within the limits of CON-email-04. Relative paths begin at the context's directory.
 *
 * @throws {LavaError} BAD_EMAIL
 */
export async function loadAttachments(
  attachments: readonly Attachment[],
  { realm, tmpdir }: ConnectorContext,
): Promise<LoadedAttachment[]> {
  const { EMAIL_MAX_ATTACHMENTS: most, EMAIL_MAX_ATTACHMENT_SIZE: size } = realm.config;
  if (attachments.length > most) throw bad(`Too many email attachments (max ${most})`);
  const limit = parseSize(size);
  const loaded: LoadedAttachment[] = [];
  for (const attachment of attachments) {
    const name = typeof attachment === "string" ? attachment : attachment.name;
    const content = await read(attachment, limit, realm, tmpdir);
    if (content === undefined) throw bad(`Attachment ${name} exceeds ${limit} bytes`);
    loaded.push({ filename: basename(name), content });
  }
  return loaded;
}

/** The content; undefined when it is larger than `limit`. */
async function read(
  attachment: Attachment,
  limit: number,
  realm: ConnectorContext["realm"],
  tmpdir: string,
): Promise<Buffer | undefined> {
  if (typeof attachment !== "string") {
    const { content } = attachment;
    const bytes = typeof content === "string" ? Buffer.from(content) : Buffer.from(content);
    return bytes.length > limit ? undefined : bytes;
  }
  const location = toS3Location(attachment);
  if (location !== undefined) {
    const { body } = await openS3Object(realm.clients, location);
    return collect(body, limit);
  }
  try {
    await using file = await open(resolve(tmpdir, attachment));
    return await collect(file.createReadStream({ autoClose: false }), limit);
  } catch (error) {
    throw new LavaError(
      "BAD_EMAIL",
      `Attachment ${attachment} cannot be read: ${errorText(error)}`,
      {
        cause: error,
      },
    );
  }
}

async function collect(stream: Readable, limit: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stream) {
    const bytes = Buffer.from(part);
    length += bytes.length;
    if (length > limit) return undefined; // leaving the loop destroys the stream
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

function bad(message: string): LavaError {
  return new LavaError("BAD_EMAIL", message, { retry: "never" });
}
