import type { CellValue } from "./tds-values.ts";

/** Who wants in. */
export interface TdsLogin {
  /** Version of the protocol, as the client wrote it. */
  readonly version: Buffer;
  readonly user: string;
  readonly password: string;
  readonly application: string;
  readonly database: string;
}

/** A statement of a client. */
export interface TdsStatement {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, CellValue>>;
  /** Of the transaction that the client takes itself to be in; zeros outside of one. */
  readonly transaction: Buffer;
}

/** Reads LOGIN7 (MS-TDS 2.2.6.4). */
export function readLogin(data: Buffer): TdsLogin {
  const field = (at: number): Buffer => {
    const start = data.readUInt16LE(at);
    return data.subarray(start, start + data.readUInt16LE(at + 2) * 2);
  };
  const text = (at: number): string => field(at).toString("utf16le");
  const hidden = Buffer.from(field(44)).map((byte) => {
    const plain = byte ^ 0xa5;
    return ((plain << 4) | (plain >> 4)) & 0xff;
  });
  return {
    version: Buffer.from(data.subarray(4, 8)).reverse(),
    user: text(40),
    password: Buffer.from(hidden).toString("utf16le"),
    application: text(48),
    database: text(68),
  };
}

/** The headers that come before a statement; the descriptor of the transaction is in the only one that clients send. */
function afterHeaders(data: Buffer): { readonly at: number; readonly transaction: Buffer } {
  return { at: data.readUInt32LE(0), transaction: data.subarray(10, 18) };
}

/** Reads a batch (MS-TDS 2.2.6.7). */
export function readBatch(data: Buffer): TdsStatement {
  const { at, transaction } = afterHeaders(data);
  return { sql: data.toString("utf16le", at), parameters: {}, transaction };
}

/** Reads a call of `sp_executesql` (MS-TDS 2.2.6.6). @throws {Error} for any other procedure or type */
export function readRpc(data: Buffer): TdsStatement {
  const { at: start, transaction } = afterHeaders(data);
  if (data.readUInt16LE(start) !== 0xffff || data.readUInt16LE(start + 2) !== 10) {
    throw new Error("the double knows sp_executesql alone");
  }
  let at = start + 6;
  const values: { readonly name: string; readonly value: CellValue }[] = [];
  while (at < data.length) {
    const size = (data[at] ?? 0) * 2;
    const name = data.toString("utf16le", at + 1, at + 1 + size);
    at += size + 2;
    const { value, end } = readParameter(data, at);
    values.push({ name, value });
    at = end;
  }
  const [statement, , ...given] = values;
  const parameters = Object.fromEntries(
    given.map(({ name, value }) => [name.replace(/^@/, ""), value]),
  );
  return { sql: String(statement?.value), parameters, transaction };
}

function readParameter(
  data: Buffer,
  start: number,
): { readonly value: CellValue; readonly end: number } {
  const kind = data[start] ?? 0;
  switch (kind) {
    case 0xe7:
    case 0xa5:
    case 0xa7: {
      const max = data.readUInt16LE(start + 1);
      const at = start + 3 + (kind === 0xa5 ? 0 : 5);
      const { bytes, end } = max === 0xffff ? readChunks(data, at) : readShort(data, at);
      if (bytes === undefined) return { value: null, end };
      return { value: kind === 0xe7 ? bytes.toString("utf16le") : bytes, end };
    }
    case 0x26:
    case 0x68:
    case 0x6d: {
      const size = data[start + 2] ?? 0;
      const at = start + 3;
      const end = at + size;
      if (size === 0) return { value: null, end };
      if (kind === 0x6d)
        return { value: size === 8 ? data.readDoubleLE(at) : data.readFloatLE(at), end };
      const value = size === 8 ? data.readBigInt64LE(at) : BigInt(data.readIntLE(at, size));
      return { value, end };
    }
    default:
      throw new Error(`the double does not read type ${kind.toString(16)}`);
  }
}

interface Bytes {
  readonly bytes: Buffer | undefined;
  readonly end: number;
}

function readShort(data: Buffer, at: number): Bytes {
  const size = data.readUInt16LE(at);
  if (size === 0xffff) return { bytes: undefined, end: at + 2 };
  return { bytes: data.subarray(at + 2, at + 2 + size), end: at + 2 + size };
}

function readChunks(data: Buffer, start: number): Bytes {
  if (data.readBigUInt64LE(start) === 0xffff_ffff_ffff_ffffn) {
    return { bytes: undefined, end: start + 8 };
  }
  const parts: Buffer[] = [];
  let at = start + 8;
  for (;;) {
    const size = data.readUInt32LE(at);
    at += 4;
    if (size === 0) return { bytes: Buffer.concat(parts), end: at };
    parts.push(data.subarray(at, at + size));
    at += size;
  }
}
