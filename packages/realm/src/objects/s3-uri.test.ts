import { expect, test } from "vitest";
import { parseS3Uri } from "./s3-uri.ts";

test.each([
  ["s3://bucket/a/b", "bucket", "a/b"],
  ["s3://bucket", "bucket", ""],
  ["s3://bucket/", "bucket", ""],
  ["s3:bucket/a", "bucket", "a"],
  ["/bucket/a", "bucket", "a"],
  ["bucket/a", "bucket", "a"],
])("%s is a place in S3 (T-26)", (uri, bucket, prefix) => {
  expect(parseS3Uri(uri)).toEqual({ bucket, prefix });
});

test.each(["", "s3://", "http://bucket/a", " "])("%j is none", (uri) => {
  expect(() => parseS3Uri(uri)).toThrow(`Bad S3 location: ${uri}`);
});
