import { PyBytes } from "../values/bytes.ts";
import { PyTuple } from "../values/sequence.ts";
import { type Order, PyObject, type Value } from "../values/value.ts";

/** A `uuid.UUID`. */
export class PyUuid extends PyObject {
  readonly typeName = "UUID";
  readonly text: string;
  constructor(text: string) {
    super();
    this.text = text;
  }
  override get objectName(): string {
    return "uuid.UUID";
  }
  repr(): string {
    return `UUID('${this.text}')`;
  }
  override str(): string {
    return this.text;
  }
  override equals(other: Value): boolean {
    return other instanceof PyUuid && other.text === this.text;
  }
  override hashKey(): string {
    return `\0i${this.text}`;
  }
  override compare(other: Value): Order {
    if (!(other instanceof PyUuid)) return undefined;
    return this.text < other.text ? -1 : this.text > other.text ? 1 : 0;
  }
  override getAttribute(name: string): Value | undefined {
    const hex = this.text.replaceAll("-", "");
    const field = fieldOf(hex, name);
    if (field !== undefined) return field;
    switch (name) {
      case "hex":
        return hex;
      case "int":
        return BigInt(`0x${hex}`);
      case "urn":
        return `urn:uuid:${this.text}`;
      case "version":
        return 4;
      case "variant":
        return "specified in RFC 4122";
      case "bytes":
        return new PyBytes(Uint8Array.from(Buffer.from(hex, "hex")));
      case "bytes_le": {
        const bytes = Buffer.from(hex, "hex");
        const turned = [3, 2, 1, 0, 5, 4, 7, 6].map((at) => bytes[at] ?? 0);
        return new PyBytes(Uint8Array.from([...turned, ...bytes.subarray(8)]));
      }
      case "fields":
        return new PyTuple(FIELDS.slice(0, 6).map(([key]) => fieldOf(hex, key) ?? 0));
      default:
        return undefined;
    }
  }
}

/** Parts of the number, by the hexadecimal digits that hold them. */
const FIELDS: readonly (readonly [name: string, from: number, to: number])[] = [
  ["time_low", 0, 8],
  ["time_mid", 8, 12],
  ["time_hi_version", 12, 16],
  ["clock_seq_hi_variant", 16, 18],
  ["clock_seq_low", 18, 20],
  ["node", 20, 32],
];

function fieldOf(hex: string, name: string): number | undefined {
  const field = FIELDS.find(([key]) => key === name);
  if (field !== undefined) return Number.parseInt(hex.slice(field[1], field[2]), 16);
  if (name === "clock_seq") return Number.parseInt(hex.slice(16, 20), 16) & 0x3fff;
  return undefined;
}
