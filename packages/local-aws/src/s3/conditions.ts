import type { IncomingHttpHeaders } from "node:http";
import { AwsError } from "../errors.ts";
import { noSuchKey, preconditionFailed } from "./errors.ts";

/** What conditions are compared with. */
export interface Subject {
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds. */
  readonly modified: number;
}

/**
 * Conditions of a reader; `prefix` is `x-amz-copy-source-` for the source of a copy, of which
 * every failure is a 412.
 */
export function checkReadConditions(
  headers: IncomingHttpHeaders,
  subject: Subject,
  prefix: "" | "x-amz-copy-source-" = "",
): void {
  const value = (name: string): string | undefined => headers[`${prefix}${name}`]?.toString();
  const ifMatch = value("if-match");
  const ifUnmodified = value("if-unmodified-since");
  const ifNoneMatch = value("if-none-match");
  const ifModified = value("if-modified-since");

  if (ifMatch !== undefined) {
    if (!matches(ifMatch, subject.etag)) throw preconditionFailed("If-Match");
  } else if (ifUnmodified !== undefined && isAfter(subject, ifUnmodified) === true) {
    throw preconditionFailed("If-Unmodified-Since");
  }
  const unchanged =
    ifNoneMatch === undefined
      ? ifModified !== undefined && isAfter(subject, ifModified) === false
      : matches(ifNoneMatch, subject.etag);
  if (!unchanged) return;
  if (prefix !== "") {
    throw preconditionFailed(ifNoneMatch === undefined ? "If-Modified-Since" : "If-None-Match");
  }
  throw new AwsError("NotModified", "Not Modified", {
    status: 304,
    headers: {
      etag: `"${subject.etag}"`,
      "last-modified": new Date(subject.modified).toUTCString(),
    },
  });
}

/** Conditions of a writer: `If-None-Match: *` and `If-Match`. */
export function checkWriteConditions(
  headers: IncomingHttpHeaders,
  key: string,
  present: Subject | undefined,
): void {
  const ifNoneMatch = headers["if-none-match"]?.toString();
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== "*") {
      throw new AwsError(
        "NotImplemented",
        "A header you provided implies functionality that is not implemented",
        { status: 501, elements: { Header: "If-None-Match" } },
      );
    }
    if (present !== undefined) throw preconditionFailed("If-None-Match");
  }
  const ifMatch = headers["if-match"]?.toString();
  if (ifMatch !== undefined) {
    if (present === undefined) throw noSuchKey(key);
    if (!matches(ifMatch, present.etag)) throw preconditionFailed("If-Match");
  }
}

function matches(header: string, etag: string): boolean {
  return header
    .split(",")
    .map((item) =>
      item
        .trim()
        .replace(/^W\//, "")
        .replace(/^"(.*)"$/, "$1"),
    )
    .some((item) => item === "*" || item === etag);
}

/** Whether the subject was changed after a time, in whole seconds; undefined when it is no time. */
function isAfter({ modified }: Subject, time: string): boolean | undefined {
  const parsed = Date.parse(time);
  return Number.isNaN(parsed) ? undefined : Math.floor(modified / 1000) * 1000 > parsed;
}
