import { FloatValue } from "@lava/core";
import { PyBytes } from "../values/bytes.ts";
import { PyDecimal } from "../values/decimal.ts";
import { PyDict } from "../values/dict.ts";
import { floatRepr } from "../values/float-text.ts";
import { Markup } from "../values/markup.ts";
import { PyList, PyTuple } from "../values/sequence.ts";
import { PyObject, type Value } from "../values/value.ts";

/** A list, tuple or dict as JSON in one line, which YAML reads back exactly (FW-056); undefined for the rest. */
export function jsonText(value: Value): string | undefined {
  return value instanceof PyDict || value instanceof PyList || value instanceof PyTuple
    ? flow(value)
    : undefined;
}

function flow(value: Value): string {
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") {
    return Number.isInteger(value) ? String(value) : yamlFloat(value);
  }
  if (value instanceof FloatValue) return yamlFloat(value.value);
  if (value instanceof PyDecimal) return value.str();
  if (value instanceof Markup) return JSON.stringify(value.text);
  if (value instanceof PyDict) {
    const parts = Array.from(
      value.entries.values(),
      ([key, item]) =>
        `${typeof key === "string" ? JSON.stringify(key) : flow(key)}: ${flow(item)}`,
    );
    return `{${parts.join(", ")}}`;
  }
  if (value instanceof PyBytes) return JSON.stringify(value.repr());
  const items = value instanceof PyObject ? value.iterate() : undefined;
  if (items !== undefined) return `[${Array.from(items, flow).join(", ")}]`;
  return JSON.stringify(value instanceof PyObject ? value.str() : String(value));
}

const yamlFloat = (value: number): string =>
  Number.isNaN(value)
    ? ".nan"
    : Number.isFinite(value)
      ? floatRepr(value)
      : value > 0
        ? ".inf"
        : "-.inf";
