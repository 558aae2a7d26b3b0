import { type Data, DecimalValue, FloatValue } from "@lava/core";

/**
 * JSON as the original writes it (WF-002): ASCII with `\uXXXX` escapes, separators `, ` and `: `, floats with a
 * point, `NaN` and `Infinity`. A decimal is an int when it has no point (WF-075); bytes are text.
 */
export function formatJson(value: Data): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return formatText(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") {
    return Number.isInteger(value) && !Number.isSafeInteger(value)
      ? formatFloat(value)
      : formatNumber(value);
  }
  if (value instanceof FloatValue) return formatFloat(value.value);
  if (value instanceof DecimalValue) return formatDecimal(value.text);
  if (value instanceof Uint8Array) return formatText(Buffer.from(value).toString());
  if (Array.isArray(value)) return `[${value.map((item: Data) => formatJson(item)).join(", ")}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([name, item]) => `${formatText(name)}: ${formatJson(item)}`).join(", ")}}`;
}

function formatText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(Object.is(value, -0) ? 0 : value) : formatFloat(value);
}

/** A float as Python's `repr`, which JSON readers take as one. */
function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const size = Math.abs(value);
  if (size >= 1e16 || size < 1e-4) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

function formatDecimal(text: string): string {
  if (text.includes(".")) return formatFloat(Number(text));
  return /^[+-]?\d+$/.test(text) ? String(BigInt(text)) : String(BigInt(Number(text)));
}
