import { typeError, valueError } from "./error.ts";
import { checkText } from "./limits.ts";
import { position, PySlice, sliceItems } from "./slice.ts";
import { type BinaryOperator, isInt, type Order, PyObject, typeName, type Value } from "./value.ts";

/** What a format without fields may be given. */
const UNCOUNTED = new Set(["dict", "list", "range", "Undefined", "re.Match", "Markup"]);

/** Bytes; print as `b'...'` (T-09). */
export class PyBytes extends PyObject {
  readonly typeName = "bytes";
  readonly data: Uint8Array;
  constructor(data: Uint8Array) {
    super();
    this.data = data;
  }
  repr(): string {
    const quote = this.data.includes(39) && !this.data.includes(34) ? '"' : "'";
    let out = "";
    for (const byte of this.data) {
      const character = String.fromCharCode(byte);
      if (character === quote || character === "\\") out += `\\${character}`;
      else if (byte === 9) out += "\\t";
      else if (byte === 10) out += "\\n";
      else if (byte === 13) out += "\\r";
      else if (byte < 32 || byte > 126) out += `\\x${byte.toString(16).padStart(2, "0")}`;
      else out += character;
    }
    return `b${quote}${out}${quote}`;
  }
  override size(): number {
    return this.data.length;
  }
  override iterate(): Iterable<Value> {
    return [...this.data];
  }
  override equals(other: Value): boolean {
    return other instanceof PyBytes && this.compare(other) === 0;
  }
  override compare(other: Value): Order {
    return other instanceof PyBytes ? Buffer.compare(this.data, other.data) : undefined;
  }
  override hashKey(): string {
    return `\0B${this.repr()}`;
  }
  override getItem(key: Value): Value | undefined {
    if (key instanceof PySlice)
      return new PyBytes(Uint8Array.from(sliceItems([...this.data], key)));
    const at = position(key, this.data.length);
    return at === undefined ? undefined : this.data[at];
  }
  override operate(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    if (operator === "*" && (isInt(other) || typeof other === "boolean")) {
      const count = Math.max(0, Number(other));
      checkText(count * this.data.length);
      const parts = Array.from({ length: count }, () => this.data);
      return new PyBytes(Uint8Array.from(Buffer.concat(parts)));
    }
    if (operator === "*") {
      throw typeError(`can't multiply sequence by non-int of type '${typeName(other)}'`);
    }
    if (operator === "%" && !reversed && !this.data.includes(37)) {
      const takesAny = other instanceof PyObject && UNCOUNTED.has(other.typeName);
      if (
        takesAny ||
        (other instanceof PyObject && other.typeName === "tuple" && other.size() === 0)
      ) {
        return this;
      }
      throw typeError("not all arguments converted during bytes formatting");
    }
    if (operator !== "+" || reversed) return undefined;
    if (other instanceof PyBytes) return new PyBytes(Buffer.concat([this.data, other.data]));
    throw typeError(`can't concat ${typeName(other)} to bytes`);
  }
  override contains(item: Value): boolean {
    if (item instanceof PyBytes) return Buffer.from(this.data).includes(Buffer.from(item.data));
    if (!isInt(item) && typeof item !== "boolean") {
      throw typeError(`a bytes-like object is required, not '${typeName(item)}'`);
    }
    if (Number(item) < 0 || Number(item) > 255) throw valueError("byte must be in range(0, 256)");
    return this.data.includes(Number(item));
  }
}
