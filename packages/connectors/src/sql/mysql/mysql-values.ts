import { type Data, DecimalValue, FloatValue, LavaError } from "@lava/core";
import type { FieldPacket } from "mysql2";
import type { SqlValue } from "../client.ts";
import {
  clockMicroseconds,
  pythonDateTime,
  pythonTimedelta,
  toDecimal,
  toFloat,
  toInteger,
} from "../python-values.ts";

/** Turns the bytes of a value, as the server sends its text, into a value. */
export type ValueReader = (bytes: Buffer) => SqlValue;

/** The character set of a column of bytes. */
const BINARY = 63;

const text = (bytes: Buffer): string => bytes.toString("utf8");
const integer: ValueReader = (bytes) => toInteger(bytes.toString("latin1"));
const decimal: ValueReader = (bytes) => toDecimal(bytes.toString("latin1"));
const dateTime: ValueReader = (bytes) => pythonDateTime(bytes.toString("latin1"));
const bytesOf: ValueReader = (bytes) => Uint8Array.from(bytes);

/** By the numbers of the protocol: the name of the type, and how it is read where it is no text. */
const TYPES: Readonly<Record<number, readonly [name: string, read?: ValueReader]>> = {
  0: ["decimal", decimal],
  1: ["tinyint", integer],
  2: ["smallint", integer],
  3: ["int", integer],
  7: ["timestamp", dateTime],
  8: ["bigint", integer],
  9: ["mediumint", integer],
  10: ["date"],
  // A time of day and a length of time are one type here; Python's driver gives a timedelta (T-15).
  11: ["time", readTime],
  12: ["datetime", dateTime],
  13: ["year", integer],
  15: ["varchar"],
  16: ["bit", bytesOf],
  245: ["json"],
  246: ["decimal", decimal],
  247: ["enum"],
  248: ["set"],
  249: ["tinyblob"],
  250: ["mediumblob"],
  251: ["longblob"],
  252: ["blob"],
  253: ["varchar"],
  254: ["char"],
  255: ["geometry", bytesOf],
};

const FLOAT = 4;
const DOUBLE = 5;
const JSON_TYPE = 245;

/** The name of a column's type, as far as the protocol tells. */
export function mysqlTypeName({ columnType = -1 }: FieldPacket): string | undefined {
  if (columnType === FLOAT) return "float";
  if (columnType === DOUBLE) return "double";
  return TYPES[columnType]?.[0];
}

/** How values of a column are read; `exact` keeps whole floats apart from ints. */
export function mysqlReader(field: FieldPacket, exact: boolean): ValueReader {
  const { columnType = -1 } = field;
  if (columnType === FLOAT || columnType === DOUBLE) {
    return (bytes) => toFloat(Number(bytes.toString("latin1")), exact);
  }
  const read = TYPES[columnType]?.[1];
  if (read !== undefined) return read;
  const charset: unknown = Reflect.get(field, "characterSet");
  return charset === BINARY && columnType !== JSON_TYPE && columnType !== 10 ? bytesOf : text;
}

function readTime(bytes: Buffer): SqlValue {
  const given = bytes.toString("latin1");
  const micros = clockMicroseconds(given);
  return micros === undefined ? given : pythonTimedelta(micros);
}

/**
 * A value as a literal that means the same in every `sql_mode`: text by its bytes, because what a backslash means
 * is for the server's settings to say.
 *
 * @throws {LavaError} SQL_BAD_PARAMETER
 */
export function toMysqlLiteral(value: Data): string {
  if (value === null) return "NULL";
  if (typeof value === "string") {
    return value === "" ? "''" : `_utf8mb4 0x${Buffer.from(value).toString("hex")}`;
  }
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "number") return toNumber(value);
  if (typeof value === "bigint") return String(value);
  if (value instanceof FloatValue) {
    const number = toNumber(value.value);
    return number.includes("e") ? number : `${number}e0`;
  }
  if (value instanceof DecimalValue) return value.text;
  if (value instanceof Uint8Array) {
    return value.length === 0 ? "''" : `_binary 0x${Buffer.from(value).toString("hex")}`;
  }
  throw new LavaError("SQL_BAD_PARAMETER", "A list or a map cannot be the value of a placeholder");
}

function toNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  throw new LavaError("SQL_BAD_PARAMETER", `MySQL has no number ${value}`);
}
