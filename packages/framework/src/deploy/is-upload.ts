import type { PayloadChange } from "./types.ts";

/** An object of the payload area, as far as it tells what was uploaded. */
export interface UploadedObject {
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Whether an object has the content of a change. Its ETag is the MD5 of a plain upload; with KMS, or in parts, it is
 * not, and then the SHA-256 that was stored with the upload says so (FW-246).
 */
export function isUploadOf(
  object: UploadedObject,
  { md5, sha256 }: Pick<PayloadChange, "md5" | "sha256">,
): boolean {
  return (
    (md5 !== undefined && object.etag === md5) ||
    (sha256 !== undefined && object.metadata["sha256"] === sha256)
  );
}
