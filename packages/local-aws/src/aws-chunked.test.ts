import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { type ChunkSigning, decodeChunks } from "./aws-chunked.ts";
import { deriveSigningKey, type SignatureClaim, signChunk } from "./sigv4.ts";

const scope = "20130524/us-east-1/s3/aws4_request";
const claim: SignatureClaim = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  region: "us-east-1",
  service: "s3",
  scope,
  timestamp: "20130524T000000Z",
  signedHeaders: [],
  signature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
  expiresIn: undefined,
  securityToken: undefined,
};
const key = deriveSigningKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", scope);
const signing: ChunkSigning = { claim, key };

/** Decodes what arrives in pieces of `size` bytes. */
async function decode(body: string, options: { size?: number; signing?: ChunkSigning } = {}) {
  const bytes = Buffer.from(body);
  const size = options.size ?? bytes.length;
  async function* source() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const trailers = new Map<string, string>();
  const pieces: Buffer[] = [];
  for await (const piece of decodeChunks(source(), trailers, options.signing)) pieces.push(piece);
  return { text: Buffer.concat(pieces).toString(), trailers: Object.fromEntries(trailers) };
}

// The example of the S3 API reference, "Transferring payload in multiple chunks".
const signed = [
  `10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n${"a".repeat(65_536)}\r\n`,
  `400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n${"a".repeat(1024)}\r\n`,
  "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n",
].join("");

it("takes the framing off, however the bytes arrive", async () => {
  const body = "5\r\nhello\r\n6;x=y\r\n\r\nworl\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
  for (const size of [1, 2, 3, 7, 100]) {
    expect(await decode(body, { size })).toEqual({
      text: "hello\r\nworl",
      trailers: { "x-amz-checksum-crc32": "AAAA" },
    });
  }
});

it("checks the signature of each chunk", async () => {
  expect((await decode(signed, { signing })).text).toBe("a".repeat(66_560));
  const changed = signed.replace("aaaaa\r\n400", "aaaab\r\n400");
  await expect(decode(changed, { signing })).rejects.toMatchObject({
    code: "SignatureDoesNotMatch",
    status: 403,
  });
});

it("checks the signature of the trailers", async () => {
  const empty = createHash("sha256").digest("hex");
  const last = signChunk("PAYLOAD", claim, key, claim.signature, empty);
  const hash = createHash("sha256").update("x-amz-checksum-crc32:AAAAAA==\n").digest("hex");
  const signature = signChunk("TRAILER", claim, key, last, hash);
  const body = (checksum: string, end: string) =>
    `0;chunk-signature=${last}\r\nx-amz-checksum-crc32:${checksum}\r\n${end}\r\n`;
  const good = `x-amz-trailer-signature:${signature}\r\n`;

  expect((await decode(body("AAAAAA==", good), { signing })).trailers).toEqual({
    "x-amz-checksum-crc32": "AAAAAA==",
  });
  for (const bad of [body("BBBBBB==", good), body("AAAAAA==", "")]) {
    await expect(decode(bad, { signing })).rejects.toMatchObject({ code: "SignatureDoesNotMatch" });
  }
});

it.each(["", "5\r\nhel", "5\r\nhello!\r\n0\r\n\r\n", "zz\r\n", "5\r\nhello\r\n", "0\r\nx"])(
  "refuses the broken body %j",
  async (body) => {
    await expect(decode(body)).rejects.toMatchObject({ code: "IncompleteBody" });
  },
);
