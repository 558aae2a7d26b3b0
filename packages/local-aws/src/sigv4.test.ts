/** Against the examples of the S3 API reference, "Signature Version 4". */
import { expect, it } from "vitest";
import {
  checkSignatureTime,
  deriveSigningKey,
  isSignatureValid,
  parseSignatureClaim,
  type SignedParts,
} from "./sigv4.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SCOPE = "20130524/us-east-1/s3/aws4_request";
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const NOW = Date.parse("2013-05-24T00:00:00Z");

function getObject(signature: string): SignedParts {
  return {
    method: "GET",
    path: "/test.txt",
    rawQuery: "",
    headers: {
      host: ["examplebucket.s3.amazonaws.com"],
      range: ["bytes=0-9"],
      "x-amz-content-sha256": [EMPTY],
      "x-amz-date": ["20130524T000000Z"],
      authorization: [
        `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${SCOPE},SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=${signature}`,
      ],
    },
  };
}

it("accepts the signature of a header, and no other", () => {
  const key = deriveSigningKey(SECRET, SCOPE);
  const good = getObject("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  const claim = parseSignatureClaim(good, new URLSearchParams());

  expect(claim).toMatchObject({
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    region: "us-east-1",
    service: "s3",
  });
  expect(isSignatureValid(claim, good, key, EMPTY)).toBe(true);
  expect(isSignatureValid(claim, { ...good, path: "/other.txt" }, key, EMPTY)).toBe(false);
  expect(isSignatureValid(claim, { ...good, rawQuery: "acl" }, key, EMPTY)).toBe(false);
  expect(isSignatureValid(claim, good, key, "0".repeat(64))).toBe(false);
  expect(isSignatureValid({ ...claim, signature: "short" }, good, key, EMPTY)).toBe(false);
});

it("accepts a presigned URL until it expires", () => {
  const rawQuery =
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
  const parts: SignedParts = {
    method: "GET",
    path: "/test.txt",
    rawQuery,
    headers: { host: ["examplebucket.s3.amazonaws.com"] },
  };
  const claim = parseSignatureClaim(parts, new URLSearchParams(rawQuery));

  expect(isSignatureValid(claim, parts, deriveSigningKey(SECRET, SCOPE), "UNSIGNED-PAYLOAD")).toBe(
    true,
  );
  expect(() => checkSignatureTime(claim, NOW + 86_399_000)).not.toThrow();
  expect(() => checkSignatureTime(claim, NOW + 86_401_000)).toThrow("Request has expired");
  expect(() => checkSignatureTime(claim, NOW - 3_600_000)).toThrow("Request is not valid yet");
});

it("allows a clock to be off by a quarter of an hour", () => {
  const claim = parseSignatureClaim(getObject("x"), new URLSearchParams());
  for (const minutes of [-14, 0, 14]) {
    expect(() => checkSignatureTime(claim, NOW + minutes * 60_000)).not.toThrow();
  }
  for (const minutes of [-16, 16]) {
    expect(() => checkSignatureTime(claim, NOW + minutes * 60_000)).toThrow("too large");
  }
});

it.each<[string, Partial<SignedParts["headers"]>, string, string]>([
  ["nothing", {}, "", "MissingAuthenticationTokenException"],
  ["another mechanism", { authorization: ["AWS x:y"] }, "", "InvalidRequest"],
  ["an old presigned URL", {}, "AWSAccessKeyId=x&Signature=y", "InvalidRequest"],
  [
    "half a header",
    { authorization: ["AWS4-HMAC-SHA256 Credential=x"] },
    "",
    "IncompleteSignatureException",
  ],
  [
    "a URL without an end",
    {},
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x",
    "AuthorizationQueryParametersError",
  ],
])("refuses %s", (_what, headers, rawQuery, code) => {
  const parts: SignedParts = { method: "GET", path: "/", rawQuery, headers };
  expect(() => parseSignatureClaim(parts, new URLSearchParams(rawQuery))).toThrow(
    expect.objectContaining({ code }),
  );
});
