import { AwsError } from "../errors.ts";

/** Bytes `start` up to and without `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Reads a Range header; undefined (all of it) for what S3 does not understand. */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (match === null || header === undefined) return undefined;
  const [, from = "", to = ""] = match;
  if (from === "" && to === "") return undefined;
  if (from === "") {
    const length = Math.min(Number(to), size);
    if (length === 0) throw invalidRange(header, size);
    return { start: size - length, end: size };
  }
  const start = Number(from);
  if (to !== "" && Number(to) < start) return undefined;
  if (start >= size) throw invalidRange(header, size);
  return { start, end: to === "" ? size : Math.min(Number(to) + 1, size) };
}

/** The range cannot be satisfied. */
export function invalidRange(header: string, size: number): AwsError {
  return new AwsError("InvalidRange", "The requested range is not satisfiable", {
    status: 416,
    elements: { RangeRequested: header, ActualObjectSize: String(size) },
    headers: { "content-range": `bytes */${size}` },
  });
}
