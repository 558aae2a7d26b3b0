import { type Data, DecimalValue, FloatValue, LavaError } from "@lava/core";
import type { SqlValue } from "../client.ts";
import { pythonDateTime, toFloat, toInteger } from "../python-values.ts";
import { exactDecimal, ExactText } from "./exact-values.ts";

/** Types whose values are floats; the driver gives all numbers as such. */
const FLOATS = new Set(["Float", "FloatN", "Real"]);
const DECIMALS = new Set([
  "Decimal",
  "DecimalN",
  "Numeric",
  "NumericN",
  "Money",
  "MoneyN",
  "SmallMoney",
]);

/** A value of the driver; `exact` keeps whole floats apart from ints. */
export function fromMssqlValue(
  value: unknown,
  type: string,
  scale: number,
  exact: boolean,
): SqlValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (FLOATS.has(type)) return toFloat(value, exact);
    if (!DECIMALS.has(type)) return value;
    const decimal = exactDecimal(value, type.includes("Money") ? 4 : scale);
    if (decimal !== undefined) return decimal;
    throw new LavaError(
      "SQL_INEXACT_NUMBER",
      "A decimal has more digits than this version of the driver `tedious` gives",
      { retry: "never", hint: "Cast the column to varchar." },
    );
  }
  if (value instanceof DecimalValue) return value;
  if (value instanceof ExactText) return value.text;
  if (typeof value === "bigint") return toInteger(String(value));
  if (typeof value === "string")
    return type.startsWith("BigInt") || type === "IntN" ? toInteger(value) : value;
  if (value instanceof Date) return dateText(value, type);
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  return String(value);
}

/** As Python's `str` of date, time and datetime; the driver knows milliseconds. */
function dateText(value: Date, type: string): string {
  const text = value.toISOString().replace("Z", "");
  if (type === "Date") return text.slice(0, 10);
  return pythonDateTime(type === "Time" ? text.slice(11) : text);
}

/** A value for a placeholder. @throws {LavaError} SQL_BAD_PARAMETER */
export function toMssqlInput(value: Data): {
  readonly type: "NVarChar" | "Int" | "BigInt" | "Float" | "Bit" | "VarBinary";
  readonly value: string | number | boolean | Buffer | null;
} {
  if (value === null || typeof value === "string") return { type: "NVarChar", value };
  if (typeof value === "boolean") return { type: "Bit", value };
  if (typeof value === "bigint") return { type: "BigInt", value: String(value) };
  if (typeof value === "number") {
    if (!Number.isInteger(value)) return { type: "Float", value };
    return Math.abs(value) < 2 ** 31
      ? { type: "Int", value }
      : { type: "BigInt", value: String(value) };
  }
  if (value instanceof FloatValue) return { type: "Float", value: value.value };
  // The server turns text into the number that its place asks for, with all digits.
  if (value instanceof DecimalValue) return { type: "NVarChar", value: value.text };
  if (value instanceof Uint8Array) return { type: "VarBinary", value: Buffer.from(value) };
  throw new LavaError("SQL_BAD_PARAMETER", "A list or a map cannot be the value of a placeholder");
}
