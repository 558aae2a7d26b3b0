import { type Data, DecimalValue, FloatValue } from "@lava/core";

/** Text of a value as Python's `str` gives it: `True`, `None`, `2.0`, `[1, 'a']`, `b'..'` (T-01, T-02). */
export function pythonText(value: Data): string {
  if (typeof value === "string") return value;
  if (value instanceof DecimalValue) return value.text;
  return pythonRepr(value);
}

/** Text of a value as Python's `repr` gives it. */
export function pythonRepr(value: Data): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") {
    return Number.isInteger(value) ? BigInt(value).toString() : pythonFloat(value);
  }
  if (value instanceof FloatValue) return pythonFloat(value.value);
  if (value instanceof DecimalValue) return `Decimal('${value.text}')`;
  if (value instanceof Uint8Array) return `b${quoteBytes(value)}`;
  if (Array.isArray(value)) return `[${value.map((item: Data) => pythonRepr(item)).join(", ")}]`;
  const entries = Object.entries(value).map(([key, item]) => `${quote(key)}: ${pythonRepr(item)}`);
  return `{${entries.join(", ")}}`;
}

/** Shortest text of a double that reads back the same, in Python's layout: `2.0`, `1e+16`, `1e-05`, `inf` (T-02). */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const [mantissa = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  // Between these bounds JavaScript uses no exponent either, but for 1e-5 and 1e-6, which were handled above.
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = "";
  for (const char of text) out += escapeCharacter(char, mark);
  return mark + out + mark;
}

function escapeCharacter(char: string, mark: string): string {
  if (char === "\\" || char === mark) return `\\${char}`;
  if (char === "\n") return "\\n";
  if (char === "\r") return "\\r";
  if (char === "\t") return "\\t";
  const code = char.codePointAt(0) ?? 0;
  // What Python calls not printable: controls, separators other than the blank, unassigned and lone surrogates.
  if (code < 0x7f ? code >= 0x20 : !/[\p{C}\p{Z}]/u.test(char)) return char;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

function quoteBytes(bytes: Uint8Array): string {
  const mark = bytes.includes(0x27) && !bytes.includes(0x22) ? '"' : "'";
  let out = "";
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    out += byte < 0x7f ? escapeCharacter(char, mark) : `\\x${byte.toString(16)}`;
  }
  return mark + out + mark;
}
