import { createRequire } from "node:module";
import type { DecimalValue } from "@lava/core";
import { pythonDateTime, toDecimal } from "../python-values.ts";

/** What the driver's own reader of values is given and gives. */
type ReadValue = (
  data: Buffer,
  offset: number,
  metadata: ColumnType,
  options: object,
) => { readonly value: unknown; readonly offset: number };

/** What the wire says of a column. */
interface ColumnType {
  readonly type: { readonly name: string };
  readonly scale: number | undefined;
}

/** A value that is text as Python prints it already. */
export class ExactText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Options of the connections whose values are read here; all others go on as they were. */
const ours = new WeakSet<object>();
let isInstalled: boolean | undefined;

/**
 * Makes the driver give decimals with all their digits, and dates with all theirs and their offset, on one connection: by
 * itself it makes numbers and milliseconds of them. False where the driver cannot be told; a decimal that a number does not
 * hold is a fault then (see {@link exactDecimal}).
 */
export function readExactly(options: object): boolean {
  isInstalled ??= install();
  ours.add(options);
  return isInstalled;
}

function install(): boolean {
  try {
    const parser: unknown = createRequire(import.meta.url)("tedious/lib/value-parser");
    if (typeof parser !== "object" || parser === null) return false;
    const own: unknown = Reflect.get(parser, "readValue");
    if (!isReadValue(own)) return false;
    const exact: ReadValue = (data, offset, metadata, options) =>
      (ours.has(options) ? readExact(data, offset, metadata) : undefined) ??
      own(data, offset, metadata, options);
    return Reflect.set(parser, "readValue", exact);
  } catch {
    return false;
  }
}

function isReadValue(value: unknown): value is ReadValue {
  return typeof value === "function";
}

/** The value at `start`; undefined where the driver's own reader serves, or has to say that more bytes are needed. */
function readExact(
  data: Buffer,
  start: number,
  { type, scale = 0 }: ColumnType,
): { readonly value: unknown; readonly offset: number } | undefined {
  const read = READERS[type.name];
  const size = data[start];
  if (read === undefined || size === undefined || size === 0) return undefined;
  const offset = start + 1 + size;
  if (data.length < offset) return undefined;
  return { value: read(data.subarray(start + 1, offset), scale), offset };
}

const READERS: Readonly<Record<string, (bytes: Buffer, scale: number) => unknown>> = {
  DecimalN: decimal,
  NumericN: decimal,
  MoneyN: (bytes) =>
    scaled(
      bytes.length === 4
        ? BigInt(bytes.readInt32LE(0))
        : (BigInt(bytes.readInt32LE(0)) << 32n) | BigInt(bytes.readUInt32LE(4)),
      4,
    ),
  Time: (bytes, scale) => new ExactText(clock(bytes, scale)),
  DateTime2: (bytes, scale) =>
    new ExactText(`${day(bytes.subarray(-3))} ${clock(bytes.subarray(0, -3), scale)}`),
  DateTimeOffset: dateTimeOffset,
};

function decimal(bytes: Buffer, scale: number): DecimalValue {
  const digits = unsigned(bytes.subarray(1));
  return scaled(bytes[0] === 0 ? -digits : digits, scale);
}

function scaled(digits: bigint, scale: number): DecimalValue {
  const sign = digits < 0n ? "-" : "";
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0");
  const point = text.length - scale;
  return toDecimal(`${sign}${text.slice(0, point)}${scale === 0 ? "" : `.${text.slice(point)}`}`);
}

/** Little-endian. */
function unsigned(bytes: Buffer): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

const two = (value: bigint): string => String(value).padStart(2, "0");

/** A time of day; Python knows microseconds. */
function clock(bytes: Buffer, scale: number): string {
  const unit = 10n ** BigInt(scale);
  const ticks = unsigned(bytes);
  const seconds = ticks / unit;
  const fraction = scale === 0 ? "" : `.${String(ticks % unit).padStart(scale, "0")}`;
  return pythonDateTime(
    `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}${fraction}`,
  );
}

const DAY = 86_400_000;
const YEAR_2000 = Date.UTC(2000, 0, 1);
/** Days from the year 1, from which the server counts, to 2000. */
const TO_2000 = 730_119;

function day(bytes: Buffer): string {
  return dateText(Number(unsigned(bytes)));
}

function dateText(days: number): string {
  return new Date(YEAR_2000 + (days - TO_2000) * DAY).toISOString().slice(0, 10);
}

/** The wire has the time in UTC; it is printed with its own offset. */
function dateTimeOffset(bytes: Buffer, scale: number): ExactText {
  const unit = 10n ** BigInt(scale);
  const perDay = 86_400n * unit;
  const minutes = bytes.readInt16LE(bytes.length - 2);
  const days = unsigned(bytes.subarray(-5, -2));
  const local = days * perDay + unsigned(bytes.subarray(0, -5)) + BigInt(minutes) * 60n * unit;
  const rest = Buffer.alloc(8);
  rest.writeBigUInt64LE(local % perDay);
  const [hours, odd] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const offset = `${minutes < 0 ? "-" : "+"}${two(BigInt(hours))}:${two(BigInt(odd))}`;
  return new ExactText(`${dateText(Number(local / perDay))} ${clock(rest, scale)}${offset}`);
}

/** A decimal of which only the driver's number is known; undefined when that may not have all digits. */
export function exactDecimal(value: number, scale: number): DecimalValue | undefined {
  const isExact = Math.abs(value) * 10 ** scale < 2 ** 52;
  return isExact ? toDecimal(value.toFixed(scale)) : undefined;
}
