import { FloatValue } from "@lava/core";
import { binary } from "../values/attributes.ts";
import { compareWith, repr, str } from "../values/basics.ts";
import { sorted } from "../values/basics.ts";
import { PyDict } from "../values/dict.ts";
import { typeError } from "../values/error.ts";
import { floatRepr } from "../values/float-text.ts";
import { Markup } from "../values/markup.ts";
import { PyList, PyTuple } from "../values/sequence.ts";
import { typeName, type Value } from "../values/value.ts";

/** `json.dumps(value, sort_keys=True, indent=indent)`. */
export function toJson(value: Value, indent: Value, sortKeys = true): string {
  if (typeof value === "string") return jsonString(value);
  const unit =
    indent === null
      ? undefined
      : typeof indent === "string"
        ? indent
        : str(binary("*", " ", indent));
  return dump(value, unit, "\n", sortKeys);
}

function dump(value: Value, unit: string | undefined, newline: string, sortKeys: boolean): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "string") return jsonString(value);
  if (value instanceof Markup) return jsonString(value.text);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" || value instanceof FloatValue) return jsonNumber(value);
  const inner = newline + (unit ?? "");
  if (value instanceof PyDict) {
    const entries = Array.from(value.entries.values());
    const ordered = sortKeys ? sortedEntries(entries) : entries;
    const parts = ordered.map(
      ([key, item]) => `${jsonString(keyText(key))}: ${dump(item, unit, inner, sortKeys)}`,
    );
    return wrapped("{", parts, "}", unit, newline);
  }
  if (value instanceof PyList || value instanceof PyTuple) {
    const parts = Array.from(value.items, (item) => dump(item, unit, inner, sortKeys));
    return wrapped("[", parts, "]", unit, newline);
  }
  throw typeError(`Object of type ${shortName(value)} is not JSON serializable`);
}

const shortName = (value: Value): string => typeName(value).split(".").at(-1) ?? "";

function wrapped(
  open: string,
  parts: readonly string[],
  close: string,
  unit: string | undefined,
  newline: string,
): string {
  if (parts.length === 0) return open + close;
  if (unit === undefined) return open + parts.join(", ") + close;
  return open + newline + unit + parts.join(`,${newline}${unit}`) + newline + close;
}

function sortedEntries(entries: [Value, Value][]): [Value, Value][] {
  const keys = sorted(entries.map(([key]) => key));
  const byKey = new Map(entries.map(([key, item]) => [key, item] as const));
  if (keys.length > 1) compareWith("<", keys[0] ?? null, keys[1] ?? null);
  return keys.map((key) => [key, byKey.get(key) ?? null]);
}

function keyText(key: Value): string {
  if (typeof key === "string") return key;
  if (key === null) return "null";
  if (typeof key === "boolean") return key ? "true" : "false";
  if (typeof key === "number" || typeof key === "bigint" || key instanceof FloatValue) {
    return repr(key);
  }
  throw typeError(`keys must be str, int, float, bool or None, not ${shortName(key)}`);
}

function jsonNumber(value: number | FloatValue): string {
  const number = typeof value === "number" ? value : value.value;
  if (typeof value === "number" && Number.isInteger(value)) return String(value);
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number > 0 ? "Infinity" : "-Infinity";
  return floatRepr(number);
}

/** A JSON string of ASCII only. */
function jsonString(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
