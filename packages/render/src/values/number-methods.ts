import { FloatValue } from "@lava/core";
import { PyBytes } from "./bytes.ts";
import { PyError, typeError, valueError } from "./error.ts";
import { exactFraction } from "./float-text.ts";
import { builtinMethods } from "./method.ts";
import { bitLength } from "./numbers.ts";
import { PyTuple } from "./sequence.ts";
import { indexNumber, int, typeName, type Value } from "./value.ts";

/** Methods of int and bool, bound. */
export const intMethods = builtinMethods<number | bigint>("int", {
  "bit_length()": (self) => bitLength(self),
  "bit_count()": (self) => {
    const size = BigInt(self) < 0n ? -BigInt(self) : BigInt(self);
    return size.toString(2).replaceAll("0", "").length;
  },
  "conjugate()": (self) => self,
  "as_integer_ratio()": (self) => new PyTuple([self, 1]),
  "to_bytes(length=1, byteorder='big', *, **)": (self, [length = 1, order = "big"], kwargs) =>
    toBytes(BigInt(self), indexNumber(length), order, kwargs.get("signed") === true),
  "from_bytes(bytes, byteorder='big', *, **)": (_self, [bytes = null, order = "big"], kwargs) =>
    fromBytes(bytes, order, kwargs.get("signed") === true),
});

function fromBytes(bytes: Value, order: Value, isSigned: boolean): Value {
  if (!(bytes instanceof PyBytes)) {
    throw typeError(`cannot convert '${typeName(bytes)}' object to bytes`);
  }
  if (order !== "big" && order !== "little") {
    throw valueError("byteorder must be either 'little' or 'big'");
  }
  if (bytes.data.length === 0) return 0;
  const data = Buffer.from(bytes.data);
  const value = BigInt(`0x${(order === "big" ? data : data.reverse()).toString("hex")}`);
  return int(isSigned ? BigInt.asIntN(bytes.data.length * 8, value) : value);
}

function toBytes(value: bigint, length: number, order: Value, isSigned: boolean): PyBytes {
  if (order !== "big" && order !== "little") {
    throw valueError("byteorder must be either 'little' or 'big'");
  }
  if (length < 0) throw valueError("length argument must be non-negative");
  if (value < 0n && !isSigned) {
    throw new PyError("OverflowError", "can't convert negative int to unsigned");
  }
  const bits = BigInt(length) * 8n;
  const fits = isSigned
    ? BigInt.asIntN(Number(bits), value) === value
    : BigInt.asUintN(Number(bits), value) === value;
  if (!fits) throw new PyError("OverflowError", "int too big to convert");
  const hex = BigInt.asUintN(Number(bits), value)
    .toString(16)
    .padStart(length * 2, "0");
  const bytes = Buffer.from(length === 0 ? "" : hex, "hex");
  return new PyBytes(Uint8Array.from(order === "big" ? bytes : bytes.reverse()));
}

const numberOf = (value: FloatValue | number): number =>
  value instanceof FloatValue ? value.value : value;

/** Methods of float, bound. */
export const floatMethods = builtinMethods<FloatValue | number>("float", {
  "is_integer()": (self) => Number.isInteger(numberOf(self)),
  "conjugate()": (self) => self,
  "as_integer_ratio()": (self) => {
    const value = numberOf(self);
    if (Number.isNaN(value)) throw valueError("cannot convert NaN to integer ratio");
    if (!Number.isFinite(value)) {
      throw new PyError("OverflowError", "cannot convert Infinity to integer ratio");
    }
    let { numerator, shift } = exactFraction(value);
    while (shift > 0n && numerator % 2n === 0n) {
      numerator /= 2n;
      shift -= 1n;
    }
    return new PyTuple([int(numerator), int(1n << shift)]);
  },
  "hex()": (self) => hexText(numberOf(self)),
});

function hexText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (!Number.isFinite(value)) return `${sign}inf`;
  if (value === 0) return `${sign}0x0.0p+0`;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = (bits & 0xfffffffffffffn).toString(16).padStart(13, "0");
  const exponent = biased === 0 ? -1022 : biased - 1023;
  return `${sign}0x${biased === 0 ? 0 : 1}.${fraction}p${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`;
}
