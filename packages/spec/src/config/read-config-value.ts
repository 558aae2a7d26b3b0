import { DecimalValue, FloatValue, parseDuration, parseSize, errorText } from "@lava/core";
import type { ConfigKey } from "./config-key.ts";

/** A value of the right kind (undefined: none), or what is wrong with what was written. */
export type ConfigResult =
  | { readonly value: string | number | boolean | undefined }
  | { readonly fault: string };

/** Reads one value as written in the environment or a realm's record (CFG-103..107). */
export function readConfigValue(key: ConfigKey, written: unknown): ConfigResult {
  const plain = toPlain(written);
  if (plain === undefined) return { fault: "expected text, a number, true or false" };
  if (plain === null || (plain === "" && (key.emptyIsNone === true || key.default === null))) {
    return key.emptyIsNone === true || key.default === null
      ? { value: undefined }
      : { fault: "a value is needed" };
  }
  try {
    return read(key, plain);
  } catch (error) {
    return { fault: errorText(error) };
  }
}

function read(key: ConfigKey, value: string | number | boolean): ConfigResult {
  switch (key.type) {
    case "text":
      return readText(key, String(value));
    case "integer":
      return readInteger(key, value);
    case "boolean":
      return readBoolean(value);
    case "duration":
    case "size":
      break;
  }
  if (typeof value === "boolean") return { fault: `Invalid ${key.type}: ${value}` };
  if (key.type === "duration") parseDuration(value);
  else parseSize(value);
  return { value: String(value) };
}

function readText(key: ConfigKey, value: string): ConfigResult {
  if (key.choices === undefined) return { value };
  const word = value.toLowerCase();
  return key.choices.includes(word)
    ? { value: word }
    : { fault: `expected one of ${key.choices.join(", ")}, got ${value}` };
}

function readInteger(key: ConfigKey, value: string | number | boolean): ConfigResult {
  const whole =
    typeof value === "number"
      ? value
      : /^\s*[+-]?\d+\s*$/.test(String(value))
        ? Number(value)
        : NaN;
  if (!Number.isSafeInteger(whole)) return { fault: `expected a whole number, got ${value}` };
  if (key.min !== undefined && whole < key.min) {
    return { fault: `expected ${key.min} or more, got ${value}` };
  }
  return { value: whole };
}

function readBoolean(value: string | number | boolean): ConfigResult {
  if (typeof value === "boolean") return { value };
  const word = String(value).trim().toLowerCase();
  if (["true", "t", "yes", "y"].includes(word)) return { value: true };
  if (["false", "f", "no", "n"].includes(word)) return { value: false };
  if (/^[+-]?\d+$/.test(word)) return { value: Number(word) !== 0 };
  return { fault: `Cannot convert string to bool: ${value}` };
}

function toPlain(value: unknown): string | number | boolean | null | undefined {
  if (value instanceof DecimalValue) return Number(value.text);
  if (value instanceof FloatValue) return value.value;
  if (typeof value === "bigint") return Number(value);
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) {
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? value
      : null;
  }
  return undefined;
}
