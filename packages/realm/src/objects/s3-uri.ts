import { LavaError } from "@lava/core";

/** A place in S3. */
export interface S3Location {
  readonly bucket: string;
  /** As it was written: slashes at its end are kept. */
  readonly prefix: string;
}

/**
 * Parses `s3://bucket/prefix`; the prefix may be missing. Also `s3:bucket/prefix`, `/bucket/prefix` and
 * `bucket/prefix`, as the original does (T-26).
 *
 * @throws {LavaError} BAD_S3_URI
 */
export function parseS3Uri(uri: string): S3Location {
  const match = /^(?:s3:)?\/*([^/\s:]+)(?:\/(.*))?$/s.exec(uri);
  if (match === null) {
    throw new LavaError("BAD_S3_URI", `Bad S3 location: ${uri}`, {
      retry: "never",
      hint: "Write s3://bucket/prefix.",
    });
  }
  return { bucket: match[1] ?? "", prefix: match[2] ?? "" };
}
