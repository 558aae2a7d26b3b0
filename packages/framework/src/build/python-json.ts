import { createHash } from "node:crypto";
import { type Data, type DataMap, DecimalValue, FloatValue, isMap } from "@lava/core";

/**
 * JSON as Python's `json.dumps(..., sort_keys=True)` writes it: `, ` and `: `, non-ASCII escaped, floats by `repr`
 * (FW-106, FW-113). With `indent`, one member a line.
 */
export function pythonJson(value: Data, indent = 0): string {
  return write(value, indent, "");
}

/** Checksum field of an item: digest without top-level `x-` and `X-` keys (FW-113). */
export function itemChecksum(item: DataMap): string {
  return `1;FW;sha256;${createHash("sha256")
    .update(pythonJson(withoutXFields(item)))
    .digest("hex")}`;
}

/** The fields that count: all but top-level `x-...` and `X-...`. */
export function withoutXFields(item: DataMap): DataMap {
  return Object.fromEntries(Object.entries(item).filter(([key]) => !/^[xX]-/.test(key)));
}

/**
 * Floats that are whole become ints: DynamoDB does not keep the difference, and a checksum over `1.0` would be
 * wrong as soon as the item is read back (FW-115).
 */
export function withoutWholeFloats(value: Data): Data {
  if (value instanceof FloatValue) return wholeNumber(value.value);
  if (Array.isArray(value)) return value.map((item: Data) => withoutWholeFloats(item));
  if (!isDataMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutWholeFloats(item)]),
  );
}

/** Whether data is a map. */
export function isDataMap(value: Data): value is DataMap {
  return isMap(value);
}

function wholeNumber(value: number): Data {
  return Number.isSafeInteger(value) ? value : BigInt(value);
}

function write(value: Data, indent: number, margin: string): string {
  if (value === null) return "null";
  if (typeof value === "string") return quote(value);
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") return floatText(value);
  if (value instanceof FloatValue) return floatText(value.value, true);
  if (value instanceof DecimalValue) return value.text;
  if (value instanceof Uint8Array) return quote(Buffer.from(value).toString("base64"));
  const inner = indent > 0 ? `${margin}${" ".repeat(indent)}` : "";
  const wrap = (open: string, members: string[], close: string): string => {
    if (members.length === 0) return `${open}${close}`;
    if (indent === 0) return `${open}${members.join(", ")}${close}`;
    return `${open}\n${inner}${members.join(`,\n${inner}`)}\n${margin}${close}`;
  };
  if (Array.isArray(value)) {
    return wrap(
      "[",
      value.map((item: Data) => write(item, indent, inner)),
      "]",
    );
  }
  const members = Object.entries(value)
    .sort(([a], [b]) => comparePoints(a, b))
    .map(([key, item]) => `${quote(key)}: ${write(item, indent, inner)}`);
  return wrap("{", members, "}");
}

function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** By code point, as Python compares texts; UTF-16 units differ above U+FFFF. */
function comparePoints(a: string, b: string): number {
  if (a === b) return 0;
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < left.length && i < right.length; i += 1) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Python's `repr` of a float: exponents from 1e16 and below 1e-4. */
function floatText(value: number, isFloat = false): string {
  if (Number.isInteger(value) && !isFloat) return String(value);
  if (!Number.isFinite(value))
    return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  const [mantissa = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const plain =
    exponent < 0
      ? value.toFixed(-exponent + mantissa.replace(/[-.]/g, "").length - 1)
      : String(value);
  return plain.includes(".") ? plain : `${plain}.0`;
}
