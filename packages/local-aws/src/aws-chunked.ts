import { createHash, type Hash, type KeyObject } from "node:crypto";
import { AwsError } from "./errors.ts";
import { type SignatureClaim, signChunk } from "./sigv4.ts";

/** With what the chunks of a payload are signed. */
export interface ChunkSigning {
  readonly claim: SignatureClaim;
  readonly key: KeyObject;
}

const MAX_LINE = 16 * 1024;

/**
 * Takes `aws-chunked` framing off a payload, checking chunk and trailer signatures when there are
 * any, and puts the trailing headers into `trailers` (names in lower case).
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export async function* decodeChunks(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
  signing: ChunkSigning | undefined,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(source);
  let previous = signing?.claim.signature ?? "";

  for (;;) {
    const [size = "", ...extensions] = (await reader.line()).split(";");
    if (!/^[0-9a-fA-F]{1,12}$/.test(size))
      throw incomplete(`${JSON.stringify(size)} is not a size`);
    let left = Number.parseInt(size, 16);
    const last = left === 0;
    const hash: Hash | undefined = signing === undefined ? undefined : createHash("sha256");
    while (left > 0) {
      const piece = await reader.some(left);
      left -= piece.length;
      hash?.update(piece);
      yield piece;
    }
    if (signing !== undefined && hash !== undefined) {
      const signature = extensions
        .find((extension) => extension.startsWith("chunk-signature="))
        ?.slice("chunk-signature=".length);
      previous = signChunk("PAYLOAD", signing.claim, signing.key, previous, hash.digest("hex"));
      if (signature !== previous) throw mismatch();
    }
    if (last) break;
    if ((await reader.line()) !== "") throw incomplete("a chunk is longer than its size");
  }

  await readTrailers(reader, trailers, signing, previous);
}

async function readTrailers(
  reader: ByteReader,
  trailers: Map<string, string>,
  signing: ChunkSigning | undefined,
  previous: string,
): Promise<void> {
  let signed = "";
  for (;;) {
    const line = await reader.lineOrEnd();
    if (line === undefined || line === "") break;
    const at = line.indexOf(":");
    if (at < 0) throw incomplete("a trailer has no colon");
    const name = line.slice(0, at).trim().toLowerCase();
    const value = line.slice(at + 1).trim();
    if (name !== "x-amz-trailer-signature") {
      trailers.set(name, value);
      signed += `${name}:${value}\n`;
    } else if (signing !== undefined) {
      const hash = createHash("sha256").update(signed).digest("hex");
      if (signChunk("TRAILER", signing.claim, signing.key, previous, hash) !== value) {
        throw mismatch();
      }
      signed = "";
    }
  }
  if (signing !== undefined && signed !== "") throw mismatch();
  await reader.drain();
}

/** Reads lines and bytes from pieces of any size. */
class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Between 1 and `limit` bytes. */
  async some(limit: number): Promise<Buffer> {
    if (this.#rest.length === 0 && !(await this.#fill())) throw incomplete("it ends in a chunk");
    const piece = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  async line(): Promise<string> {
    const line = await this.lineOrEnd();
    if (line === undefined) throw incomplete("it ends before its last chunk");
    return line;
  }

  async lineOrEnd(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.toString("latin1", 0, end).replace(/\r$/, "");
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (this.#rest.length > MAX_LINE) throw incomplete("a line is too long");
      if (!(await this.#fill())) {
        if (this.#rest.length > 0) throw incomplete("it ends in a line");
        return undefined;
      }
    }
  }

  /** Reads to the end, so that the connection can be used again. */
  async drain(): Promise<void> {
    while (await this.#fill()) this.#rest = Buffer.alloc(0);
  }

  async #fill(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    return true;
  }
}

function incomplete(why: string): AwsError {
  return new AwsError("IncompleteBody", `The aws-chunked body is malformed: ${why}`);
}

function mismatch(): AwsError {
  return new AwsError(
    "SignatureDoesNotMatch",
    "The signature of a chunk does not match the signature that was computed.",
    { status: 403 },
  );
}
