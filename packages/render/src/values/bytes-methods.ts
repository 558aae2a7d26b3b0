import { iterate } from "./basics.ts";
import { PyBytes } from "./bytes.ts";
import { decodeBytes } from "./encodings.ts";
import { PyError, typeError, valueError } from "./error.ts";
import { builtinMethods, PyFunction } from "./method.ts";
import { PyList, PyTuple } from "./sequence.ts";
import { codecArgument, textMethods } from "./text-methods.ts";
import { isInt, typeName, type Value } from "./value.ts";

/** Bytes as text of one character a byte, so that what str can do serves them too. */
const asText = (value: PyBytes): string => Buffer.from(value.data).toString("latin1");
const asBytes = (text: string): PyBytes =>
  new PyBytes(Uint8Array.from(Buffer.from(text, "latin1")));

/** Methods that bytes and str have in common, ASCII letters only. */
const SHARED: ReadonlySet<string> = new Set([
  "center",
  "count",
  "endswith",
  "expandtabs",
  "find",
  "index",
  "isascii",
  "ljust",
  "lstrip",
  "partition",
  "removeprefix",
  "removesuffix",
  "replace",
  "rfind",
  "rindex",
  "rjust",
  "rpartition",
  "rsplit",
  "rstrip",
  "split",
  "splitlines",
  "startswith",
  "strip",
  "zfill",
]);

const own = builtinMethods<PyBytes>("bytes", {
  "decode(encoding='utf-8', errors='strict')": (self, [encoding = "utf-8", errors = "strict"]) =>
    decodeBytes(
      self.data,
      codecArgument("decode", "encoding", encoding),
      codecArgument("decode", "errors", errors),
    ),
  "hex(sep=?, bytes_per_sep=1)": (self, [separator, size = 1]) => {
    const text = Buffer.from(self.data).toString("hex");
    if (separator === undefined) return text;
    if (typeof separator !== "string") {
      throw typeError(`object of type '${typeName(separator)}' has no len()`);
    }
    const width = Math.abs(Number(size)) * 2;
    return width === 0 ? text : grouped(text, width, Number(size) > 0).join(separator);
  },
  "join(iterable_of_bytes)": (self, [items = null]) => {
    const parts: string[] = [];
    for (const item of iterate(items)) {
      if (!(item instanceof PyBytes)) {
        throw typeError(
          `sequence item ${parts.length}: expected a bytes-like object, ${typeName(item)} found`,
        );
      }
      parts.push(asText(item));
    }
    return asBytes(parts.join(asText(self)));
  },
});

/** Groups of digits, counted from the end or the start. */
function grouped(text: string, width: number, fromEnd: boolean): string[] {
  const first = fromEnd ? text.length % width : 0;
  const groups = first > 0 ? [text.slice(0, first)] : [];
  for (let at = first; at < text.length; at += width) groups.push(text.slice(at, at + width));
  return groups;
}

const isUpperByte = (byte: number): boolean => byte >= 65 && byte <= 90;
const isLowerByte = (byte: number): boolean => byte >= 97 && byte <= 122;
const isLetter = (byte: number): boolean => isUpperByte(byte) || isLowerByte(byte);
const isDigitByte = (byte: number): boolean => byte >= 48 && byte <= 57;
const isSpaceByte = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13);
const upperByte = (byte: number): number => (isLowerByte(byte) ? byte - 32 : byte);
const lowerByte = (byte: number): number => (isUpperByte(byte) ? byte + 32 : byte);

const mapped = (self: PyBytes, change: (byte: number, before: number) => number): PyBytes =>
  new PyBytes(self.data.map((byte, at) => change(byte, at === 0 ? 0 : (self.data[at - 1] ?? 0))));
const all = (self: PyBytes, test: (byte: number) => boolean): boolean =>
  self.data.length > 0 && self.data.every(test);
/** Whether there are letters, and all of them are as asked for. */
const letters = (self: PyBytes, test: (byte: number, before: number) => boolean): boolean => {
  const { data } = self;
  if (!data.some(isLetter)) return false;
  return data.every(
    (byte, at) => !isLetter(byte) || test(byte, at === 0 ? 0 : (data[at - 1] ?? 0)),
  );
};

/** What asks for or changes the case of bytes: only ASCII has one. */
const asciiMethods = builtinMethods<PyBytes>("bytes", {
  "capitalize()": (self) =>
    new PyBytes(self.data.map((byte, at) => (at === 0 ? upperByte(byte) : lowerByte(byte)))),
  "lower()": (self) => mapped(self, lowerByte),
  "upper()": (self) => mapped(self, upperByte),
  "swapcase()": (self) =>
    mapped(self, (byte) => (isUpperByte(byte) ? lowerByte(byte) : upperByte(byte))),
  "title()": (self) =>
    mapped(self, (byte, before) => (isLetter(before) ? lowerByte(byte) : upperByte(byte))),
  "isalnum()": (self) => all(self, (byte) => isLetter(byte) || isDigitByte(byte)),
  "isalpha()": (self) => all(self, isLetter),
  "isdigit()": (self) => all(self, isDigitByte),
  "isspace()": (self) => all(self, isSpaceByte),
  "islower()": (self) => letters(self, isLowerByte),
  "isupper()": (self) => letters(self, isUpperByte),
  "istitle()": (self) =>
    letters(self, (byte, before) => (isLetter(before) ? isLowerByte(byte) : isUpperByte(byte))),
  "translate(table, /)": (self, [table = null]) => {
    if (table === null) return self;
    if (!(table instanceof PyBytes)) {
      throw typeError(`a bytes-like object is required, not '${typeName(table)}'`);
    }
    if (table.data.length !== 256) {
      throw valueError("translation table must be 256 characters long");
    }
    return mapped(self, (byte) => table.data[byte] ?? byte);
  },
});

/** Errors of CPython that name the kind of argument. */
function checkBytesArguments(name: string, args: readonly Value[]): void {
  const [first, second] = args;
  const isBytes = (value: Value | undefined): boolean => value instanceof PyBytes;
  if (
    FILLERS.has(name) &&
    second !== undefined &&
    !(second instanceof PyBytes && second.data.length === 1)
  ) {
    throw typeError(
      `${name}() argument 2 must be a byte string of length 1, not ${typeName(second)}`,
    );
  }
  if (first === undefined || isBytes(first)) return;
  if (STRIPPERS.has(name) && first !== null) {
    throw typeError(`a bytes-like object is required, not '${typeName(first)}'`);
  }
  if (AFFIXES.has(name) && !(first instanceof PyTuple)) {
    throw typeError(`${name} first arg must be bytes or a tuple of bytes, not ${typeName(first)}`);
  }
  if (FINDERS.has(name) && !isInt(first) && typeof first !== "boolean") {
    throw typeError(`argument should be integer or bytes-like object, not '${typeName(first)}'`);
  }
  const [least, most] = PLAIN.get(name) ?? [0, -1];
  const isCounted = args.length >= least && args.length <= most;
  if (isCounted && !(first === null && name.endsWith("split"))) {
    throw typeError(`a bytes-like object is required, not '${typeName(first)}'`);
  }
}

const FILLERS = new Set(["center", "ljust", "rjust"]);
const STRIPPERS = new Set(["strip", "lstrip", "rstrip"]);
const AFFIXES = new Set(["startswith", "endswith"]);
const PLAIN: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ["split", [1, 2]],
  ["rsplit", [1, 2]],
  ["partition", [1, 1]],
  ["rpartition", [1, 1]],
  ["removeprefix", [1, 1]],
  ["removesuffix", [1, 1]],
  ["replace", [2, 3]],
]);

/** What str's methods say of themselves, said of bytes. */
function asBytesError(error: unknown): unknown {
  if (!(error instanceof PyError)) return error;
  if (error.message === "substring not found") return valueError("subsection not found");
  const message = error.message.replace(/^str\./, "bytes.");
  return message === error.message ? error : new PyError(error.type, message);
}

/** A method of bytes, bound. */
export function bytesMethods(self: PyBytes, name: string): PyFunction | undefined {
  const ascii = asciiMethods(self, name);
  if (ascii !== undefined) return ascii;
  if (!SHARED.has(name)) return own(self, name);
  const method = textMethods(asText(self), name);
  if (method === undefined) return undefined;
  return new PyFunction(
    name,
    ({ args, kwargs }) => {
      checkBytesArguments(name, args);
      try {
        return toBytes(
          method.call({
            args: args.map((arg, at) => (at > 0 && FINDERS.has(name) ? arg : toText(arg, name))),
            kwargs,
          }),
        );
      } catch (error) {
        throw asBytesError(error);
      }
    },
    `<built-in method ${name} of bytes object at 0x7f0000000000>`,
  );
}

const FINDERS: ReadonlySet<string> = new Set(["find", "rfind", "index", "rindex", "count"]);

function toText(value: Value, method: string): Value {
  if (value instanceof PyBytes) return asText(value);
  if (value instanceof PyTuple) return new PyTuple(value.items.map((item) => toText(item, method)));
  if ((typeof value === "number" || typeof value === "boolean") && FINDERS.has(method)) {
    const byte = Number(value);
    if (byte < 0 || byte > 255) throw valueError("byte must be in range(0, 256)");
    return String.fromCharCode(byte);
  }
  if (typeof value !== "string") return value;
  if (method === "startswith" || method === "endswith") {
    throw typeError(`${method} first arg must be bytes or a tuple of bytes, not str`);
  }
  if (FINDERS.has(method)) {
    throw typeError("argument should be integer or bytes-like object, not 'str'");
  }
  throw typeError("a bytes-like object is required, not 'str'");
}

function toBytes(value: Value): Value {
  if (typeof value === "string") return asBytes(value);
  if (value instanceof PyList) return new PyList(value.items.map(toBytes));
  if (value instanceof PyTuple) return new PyTuple(value.items.map(toBytes));
  return value;
}
