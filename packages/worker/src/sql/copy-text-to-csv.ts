import { postgresTextReader, type SqlColumn } from "@lava/connectors";
import { type CsvFormat, createCsvWriter } from "./csv-writer.ts";

/** What is looked for in a field: a byte that CSV or COPY does not take as it is, a dot, an exponent. */
const SPECIAL = 1;
const DOT = 2;
const EXPONENT = 4;
/** Ends of fields. */
const END = 8;

const TAB = 0x09;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const POINT = 0x2e;
const MINUS = 0x2d;

/** How the server's text of a type becomes Python's. */
type Kind = "plain" | "numeric" | "timestamp" | "float" | "bool" | "slow";

const KINDS: Readonly<Record<string, Kind>> = {
  int2: "plain",
  int4: "plain",
  int8: "plain",
  oid: "plain",
  text: "plain",
  varchar: "plain",
  bpchar: "plain",
  uuid: "plain",
  date: "plain",
  numeric: "numeric",
  timestamp: "timestamp",
  float4: "float",
  float8: "float",
  bool: "bool",
};

/** Turns the bytes of `COPY .. TO STDOUT` in text format into CSV as Python writes it. */
export interface CopyTransformer {
  /** CSV of the rows that are complete by now; the bytes are good until the next call. */
  push(chunk: Uint8Array): Uint8Array;
  /** Rows so far. */
  readonly rows: number;
}

/**
 * A transformer for a result, or undefined where bytes cannot be looked at one by one: special characters that are not
 * ASCII. What it writes is what the CSV writer writes for the same values, byte by byte.
 */
export function copyTextToCsv(
  columns: readonly SqlColumn[],
  format: CsvFormat,
): CopyTransformer | undefined {
  const { delimiter, escapechar, quotechar, quoting } = format;
  const specials = [delimiter, escapechar ?? "", quotechar ?? "", "\n", "\r"].join("");
  if (!/^[\x00-\x7f]*$/.test(specials)) return undefined;
  const writer = createCsvWriter(format);
  const table = new Uint8Array(256);
  for (const char of specials) table[char.charCodeAt(0)] = SPECIAL;
  table[BACKSLASH] = SPECIAL;
  for (const [char, flag] of [
    [".", DOT],
    ["e", EXPONENT],
    ["E", EXPONENT],
  ] as const) {
    table[char.charCodeAt(0)] = (table[char.charCodeAt(0)] ?? 0) | flag;
  }
  table[TAB] = (table[TAB] ?? 0) | END;
  table[NEWLINE] = (table[NEWLINE] ?? 0) | END;
  // A single field that is empty is written in quotes, and most modes ask for the value's own kind.
  const isFast = columns.length > 1 && (quoting === "minimal" || quoting === "none");
  const kinds = columns.map(({ type }): Kind => (isFast ? (KINDS[type ?? ""] ?? "slow") : "slow"));
  const readers = columns.map(({ type }) => postgresTextReader(type));
  const comma = delimiter.charCodeAt(0);
  const lineEnd = Buffer.from(writer.lineEnd);
  const [yes, no] = [Buffer.from(writer.field(true)), Buffer.from(writer.field(false))];
  const isSingle = columns.length === 1;

  let rest: Uint8Array = new Uint8Array(0);
  let out = Buffer.allocUnsafe(1 << 16);
  let size = 0;
  let rows = 0;

  const reserve = (bytes: number): void => {
    if (size + bytes <= out.length) return;
    const larger = Buffer.allocUnsafe(Math.max(out.length * 2, size + bytes));
    out.copy(larger, 0, 0, size);
    out = larger;
  };
  const put = (bytes: Uint8Array): void => {
    reserve(bytes.length + 8);
    out.set(bytes, size);
    size += bytes.length;
  };
  const isAsIs = (kind: Kind, flags: number, data: Uint8Array, start: number): boolean => {
    if ((flags & SPECIAL) !== 0) return false;
    if (kind === "plain") return true;
    if (kind === "timestamp") return (flags & DOT) === 0;
    if (kind === "float") return (flags & (DOT | EXPONENT)) === DOT;
    if (kind !== "numeric") return false;
    // Python writes small ones with an exponent.
    const first = data[start] === MINUS ? start + 1 : start;
    return data[first] !== ZERO || data[first + 1] !== POINT || data[first + 2] !== ZERO;
  };
  const putSlow = (data: Uint8Array, start: number, end: number, column: number): void => {
    const isNull = end - start === 2 && data[start] === BACKSLASH && data[start + 1] === 0x4e;
    if (isNull && isFast) return;
    const text = isNull ? undefined : unescape(data, start, end);
    const value = text === undefined ? null : (readers[column]?.(text) ?? text);
    if (isSingle) {
      const row = writer.row([value]);
      put(Buffer.from(row.slice(0, row.length - writer.lineEnd.length)));
    } else put(Buffer.from(writer.field(value)));
  };

  return {
    get rows() {
      return rows;
    },
    push(chunk) {
      const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const limit = data.lastIndexOf(NEWLINE) + 1;
      rest = data.subarray(limit);
      size = 0;
      reserve(limit + (limit >> 1) + 64);
      let column = 0;
      for (let position = 0; position < limit;) {
        const start = position;
        let flags = 0;
        for (;;) {
          const flag = table[data[position] ?? 0] ?? 0;
          if ((flag & END) !== 0) break;
          flags |= flag;
          position += 1;
        }
        const kind = kinds[column] ?? "slow";
        if (kind === "bool" && position - start === 1) put(data[start] === 0x74 ? yes : no);
        else if (isAsIs(kind, flags, data, start)) {
          reserve(position - start + 8);
          for (let index = start; index < position; index += 1) out[size++] = data[index] ?? 0;
        } else putSlow(data, start, position, column);
        reserve(8);
        if (data[position] === TAB) {
          out[size++] = comma;
          column += 1;
        } else {
          for (const byte of lineEnd) out[size++] = byte;
          column = 0;
          rows += 1;
        }
        position += 1;
      }
      return out.subarray(0, size);
    },
  };
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function unescape(data: Uint8Array, start: number, end: number): string {
  const text = Buffer.from(data.buffer, data.byteOffset + start, end - start).toString("utf8");
  return text.includes("\\")
    ? text.replace(/\\(.)/gs, (_, char: string) => ESCAPES[char] ?? char)
    : text;
}
