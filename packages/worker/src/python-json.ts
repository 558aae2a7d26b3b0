import { DecimalValue, FloatValue, isMap } from "@lava/core";

/** How {@link pythonJson} lays text out. */
export interface PythonJsonOptions {
  /** Blanks for each level; one line without it. */
  readonly indent?: number;
  readonly sortKeys?: boolean;
}

/** JSON text as Python's `json.dumps` writes it: `, ` and `: `, other than ASCII escaped (WF-002). */
export function pythonJson(value: unknown, options: PythonJsonOptions = {}): string {
  return dump(value, options, 0);
}

function dump(value: unknown, options: PythonJsonOptions, level: number): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") {
    if (Number.isFinite(value)) return String(value);
    return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  }
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (value instanceof DecimalValue) return value.text;
  if (value instanceof FloatValue) {
    return Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value);
  }
  if (value instanceof Uint8Array) return quote(Buffer.from(value).toString("base64"));
  if (value instanceof Error) return quote(value.message);
  if (Array.isArray(value)) {
    return enclose(
      "[",
      "]",
      value.map((item: unknown) => dump(item, options, level + 1)),
      options,
      level,
    );
  }
  if (!isMap(value)) return quote(typeof value === "symbol" ? value.toString() : typeof value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (options.sortKeys === true) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return enclose(
    "{",
    "}",
    entries.map(([key, item]) => `${quote(key)}: ${dump(item, options, level + 1)}`),
    options,
    level,
  );
}

function enclose(
  open: string,
  close: string,
  items: readonly string[],
  { indent }: PythonJsonOptions,
  level: number,
): string {
  if (items.length === 0) return open + close;
  if (indent === undefined) return open + items.join(", ") + close;
  const blanks = " ".repeat(indent * (level + 1));
  return `${open}\n${blanks}${items.join(`,\n${blanks}`)}\n${" ".repeat(indent * level)}${close}`;
}

function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
