import { iterate } from "./basics.ts";
import { PyBytes } from "./bytes.ts";
import { decodeBytes } from "./encodings.ts";
import { typeError, valueError } from "./error.ts";
import { builtinMethods, PyFunction } from "./method.ts";
import { PyList, PyTuple } from "./sequence.ts";
import { textMethods } from "./text-methods.ts";
import { typeName, type Value } from "./value.ts";

/** Bytes as text of one character a byte, so that what str can do serves them too. */
const asText = (value: PyBytes): string => Buffer.from(value.data).toString("latin1");
const asBytes = (text: string): PyBytes =>
  new PyBytes(Uint8Array.from(Buffer.from(text, "latin1")));

/** Methods that bytes and str have in common, ASCII letters only. */
const SHARED: ReadonlySet<string> = new Set([
  "capitalize",
  "center",
  "count",
  "endswith",
  "expandtabs",
  "find",
  "index",
  "isalnum",
  "isalpha",
  "isascii",
  "isdigit",
  "islower",
  "isspace",
  "istitle",
  "isupper",
  "ljust",
  "lower",
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
  "swapcase",
  "title",
  "upper",
  "zfill",
]);

const own = builtinMethods<PyBytes>("bytes", {
  "decode(encoding='utf-8', errors='strict')": (self, [encoding = "utf-8", errors = "strict"]) =>
    decodeBytes(self.data, String(encoding), String(errors)),
  "hex(sep=?, bytes_per_sep=1)": (self, [separator, size = 1]) => {
    const text = Buffer.from(self.data).toString("hex");
    if (typeof separator !== "string") return text;
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

/** A method of bytes, bound. */
export function bytesMethods(self: PyBytes, name: string): PyFunction | undefined {
  if (!SHARED.has(name)) return own(self, name);
  const method = textMethods(asText(self), name);
  if (method === undefined) return undefined;
  return new PyFunction(
    name,
    ({ args, kwargs }) =>
      toBytes(
        method.call({
          args: args.map((arg, at) => (at > 0 && FINDERS.has(name) ? arg : toText(arg, name))),
          kwargs,
        }),
      ),
    `<built-in method ${name} of bytes object at 0x7f0000000000>`,
  );
}

const FINDERS: ReadonlySet<string> = new Set(["find", "rfind", "index", "rindex", "count"]);

function toText(value: Value, method: string): Value {
  if (value instanceof PyBytes) return asText(value);
  if (value instanceof PyTuple) return new PyTuple(value.items.map((item) => toText(item, method)));
  if (typeof value === "number" && FINDERS.has(method)) {
    if (value < 0 || value > 255) throw valueError("byte must be in range(0, 256)");
    return String.fromCharCode(value);
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
