import { type Data, DecimalValue, FloatValue, isMap, LavaError, parseJson } from "@lava/core";
import type { SqlValue } from "../client.ts";
import {
  clockMicroseconds,
  pythonDateTime,
  pythonTimedelta,
  toDecimal,
  toFloat,
  toInteger,
} from "../python-values.ts";
import { parsePostgresArray } from "./postgres-array.ts";

/** Turns the text of a value, as the server sends it, into a value. */
export type ValueReader = (text: string) => SqlValue;

interface PostgresType {
  readonly name: string;
  readonly oid: number;
  /** The type of its arrays. */
  readonly array: number;
  readonly read?: (text: string, exact: boolean) => SqlValue;
}

const readInteger = (text: string): SqlValue => toInteger(text);
const readFloat = (text: string, exact: boolean): SqlValue => toFloat(toNumber(text), exact);
const readJson = (text: string, exact: boolean): SqlValue =>
  exact ? parseJson(text) : toData(JSON.parse(text));

/** The types that are not plain text, and the names of common ones that are. */
const TYPES: readonly PostgresType[] = [
  { name: "bool", oid: 16, array: 1000, read: (text) => text === "t" },
  { name: "bytea", oid: 17, array: 1001, read: readBytes },
  { name: "int8", oid: 20, array: 1016, read: readInteger },
  { name: "int2", oid: 21, array: 1005, read: readInteger },
  { name: "int4", oid: 23, array: 1007, read: readInteger },
  { name: "text", oid: 25, array: 1009 },
  { name: "oid", oid: 26, array: 1028, read: readInteger },
  { name: "json", oid: 114, array: 199, read: readJson },
  { name: "float4", oid: 700, array: 1021, read: readFloat },
  { name: "float8", oid: 701, array: 1022, read: readFloat },
  { name: "bpchar", oid: 1042, array: 1014 },
  { name: "varchar", oid: 1043, array: 1015 },
  { name: "date", oid: 1082, array: 1182 },
  { name: "time", oid: 1083, array: 1183, read: pythonDateTime },
  { name: "timestamp", oid: 1114, array: 1115, read: pythonDateTime },
  { name: "timestamptz", oid: 1184, array: 1185, read: pythonDateTime },
  { name: "interval", oid: 1186, array: 1187, read: readInterval },
  { name: "timetz", oid: 1266, array: 1270 },
  { name: "numeric", oid: 1700, array: 1231, read: (text) => toDecimal(text) },
  { name: "uuid", oid: 2950, array: 2951 },
  { name: "jsonb", oid: 3802, array: 3807, read: readJson },
];

const byOid = new Map(TYPES.map((type) => [type.oid, type]));
const byArray = new Map(TYPES.map((type) => [type.array, type]));

/** The name of a type: `int4`, `int4[]`; undefined for those of no built-in kind. */
export function postgresTypeName(oid: number): string | undefined {
  const element = byArray.get(oid);
  return element === undefined ? byOid.get(oid)?.name : `${element.name}[]`;
}

/** How values of a type are read; `exact` keeps whole floats apart from ints. */
export function postgresReader(oid: number, exact: boolean): ValueReader {
  const element = byArray.get(oid);
  if (element !== undefined) {
    const { read } = element;
    const item: ValueReader = read === undefined ? (text) => text : (text) => read(text, exact);
    return (text) => parsePostgresArray(text, item);
  }
  const read = byOid.get(oid)?.read;
  return read === undefined ? (text) => text : (text) => read(text, exact);
}

const byName = new Map(
  TYPES.flatMap((type) => [
    [type.name, type.oid] as const,
    [`${type.name}[]`, type.array] as const,
  ]),
);

/** How values of a type are read by its name, as exact values: for text that comes another way (COPY). */
export function postgresTextReader(type: string | undefined): ValueReader {
  return postgresReader(byName.get(type ?? "") ?? 0, true);
}

/**
 * A value for a placeholder as the server reads it: text, or bytes.
 *
 * @throws {LavaError} SQL_BAD_PARAMETER
 */
export function toPostgresInput(value: Data): string | Buffer | null {
  if (value === null) return null;
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (value instanceof FloatValue) return String(value.value);
  if (value instanceof DecimalValue) return value.text;
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (isList(value)) return toArrayText(value);
  return JSON.stringify(value);
}

function toArrayText(list: readonly Data[]): string {
  const items = list.map((item) => {
    if (item === null) return "NULL";
    if (isList(item)) return toArrayText(item);
    const text = toPostgresInput(item);
    if (Buffer.isBuffer(text)) {
      throw new LavaError(
        "SQL_BAD_PARAMETER",
        "A list of bytes cannot be the value of a placeholder",
      );
    }
    return `"${(text ?? "").replace(/["\\]/g, "\\$&")}"`;
  });
  return `{${items.join(",")}}`;
}

function isList(value: Data): value is readonly Data[] {
  return Array.isArray(value);
}

function toNumber(text: string): number {
  return text === "NaN" ? Number.NaN : Number(text);
}

function readBytes(text: string): Uint8Array {
  if (text.startsWith("\\x")) return Uint8Array.from(Buffer.from(text.slice(2), "hex"));
  // The escape format of old servers: `\\` and `\ooo`.
  const bytes: number[] = [];
  for (const [part = ""] of text.matchAll(/\\[0-7]{3}|\\\\|[^]/g)) {
    if (part.length === 4) bytes.push(Number.parseInt(part.slice(1), 8));
    else bytes.push((part === "\\\\" ? "\\" : part).charCodeAt(0));
  }
  return Uint8Array.from(bytes);
}

const UNITS: Readonly<Record<string, string>> = {
  year: "years",
  mon: "months",
  day: "days",
};

/** An interval as the original's driver prints it: a timedelta, or words where there are years or months. */
function readInterval(text: string): string {
  const parts = new Map<string, bigint>();
  let micros = 0n;
  for (const [, amount, unit, clock] of text.matchAll(/([+-]?\d+) ([a-z]+)|([+-]?\d+:\S+)/g)) {
    if (clock === undefined) {
      const name = UNITS[(unit ?? "").replace(/s$/, "")];
      if (name === undefined) return text;
      parts.set(name, BigInt(amount ?? "0"));
    } else {
      const value = clockMicroseconds(clock);
      if (value === undefined) return text;
      micros = value;
    }
  }
  if (!parts.has("years") && !parts.has("months")) {
    return pythonTimedelta((parts.get("days") ?? 0n) * 86_400_000_000n + micros);
  }
  const seconds = micros / 1_000_000n;
  const clock: [string, bigint | string][] =
    micros === 0n
      ? []
      : [
          ["hours", seconds / 3600n],
          ["minutes", (seconds / 60n) % 60n],
          ["seconds", `${seconds % 60n}.${String(micros % 1_000_000n).replace(/0+$/, "") || "0"}`],
        ];
  return [...parts, ...clock].map(([name, value]) => `${value} ${name}`).join(" ");
}

function toData(value: unknown): Data {
  if (Array.isArray(value)) return value.map((item) => toData(item));
  if (isMap(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toData(item)]));
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : null;
}
