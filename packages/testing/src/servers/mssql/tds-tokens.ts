import { type CellValue, type TdsType, varchar } from "./tds-values.ts";

/** A fault that the server tells. */
export interface TdsFault {
  readonly number: number;
  readonly message: string;
}

/** Bits of DONE (MS-TDS 2.2.7.6). */
export const DONE = { error: 0x02, inTransaction: 0x04, count: 0x10, attention: 0x20 } as const;

function short(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

const token = (kind: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([kind]), short(body.length), body]);

/** A statement is done; `kind` tells a batch (0xfd) from a procedure (0xfe) and its parts (0xff). */
export function done(status: number, count = 0, kind: 0xfd | 0xfe | 0xff = 0xfd): Buffer {
  const rows = Buffer.alloc(8);
  rows.writeBigUInt64LE(BigInt(count));
  return Buffer.concat([Buffer.from([kind]), short(status), short(0), rows]);
}

/** An error of the server. */
export function errorToken({ number, message }: TdsFault): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32LE(number);
  head[4] = 1;
  head[5] = 16;
  const line = Buffer.from([1, 0, 0, 0]);
  const names = [varchar("double", 1), varchar("", 1)];
  return token(0xaa, Buffer.concat([head, varchar(message, 2), ...names, line]));
}

/** A login that is accepted. */
export function loginAck(version: Buffer): Buffer {
  const name = varchar("Microsoft SQL Server", 1);
  const product = Buffer.from([16, 0, 0x10, 0x27]);
  return token(0xad, Buffer.concat([Buffer.from([1]), version, name, product]));
}

/** The server's word that the database is another one. */
export function databaseChange(name: string): Buffer {
  return token(0xe3, Buffer.concat([Buffer.from([1]), varchar(name, 1), varchar("", 1)]));
}

/** A transaction began (8), was committed (9), or rolled back (10). */
export function transactionChange(kind: 8 | 9 | 10, descriptor: Buffer): Buffer {
  const held = Buffer.concat([Buffer.from([descriptor.length]), descriptor]);
  const none = Buffer.from([0]);
  return token(
    0xe3,
    Buffer.concat([Buffer.from([kind]), ...(kind === 8 ? [held, none] : [none, held])]),
  );
}

/** The columns of a result. */
export function columnMetadata(
  columns: readonly { readonly name: string; readonly type: TdsType }[],
): Buffer {
  const list = columns.map(({ name, type }) =>
    // User type, and the flag that nulls may come.
    Buffer.concat([Buffer.alloc(4), Buffer.from([1, 0]), type.info, varchar(name, 1)]),
  );
  return Buffer.concat([Buffer.from([0x81]), short(columns.length), ...list]);
}

/** A row. */
export function row(types: readonly TdsType[], values: readonly CellValue[]): Buffer {
  const cells = types.map((type, index) => type.write(values[index] ?? null));
  return Buffer.concat([Buffer.from([0xd1]), ...cells]);
}

/** What a procedure returns when all went well. */
export const returnStatus = Buffer.from([0x79, 0, 0, 0, 0]);
