import { str } from "./basics.ts";
import { PyBytes } from "./bytes.ts";
import { PyDict } from "./dict.ts";
import { encodeText } from "./encodings.ts";
import { typeError, valueError } from "./error.ts";
import { checkText } from "./limits.ts";
import { Markup } from "./markup.ts";
import { builtinMethods } from "./method.ts";
import { joined, PyList, PyTuple } from "./sequence.ts";
import { PySlice, sliceItems } from "./slice.ts";
import {
  capitalize,
  caseFold,
  isLower,
  isTitle,
  isUpper,
  swapCase,
  titleCase,
} from "./text-case.ts";
import {
  characters,
  isWide,
  splitLines,
  textLength,
  trimEnd,
  trimStart,
  WHITESPACE,
  words,
} from "./text.ts";
import { Undefined } from "./undefined.ts";
import { indexNumber, PyObject, typeName, type Value } from "./value.ts";

const SUBSCRIPTABLE: ReadonlySet<string> = new Set([
  "dict",
  "list",
  "tuple",
  "range",
  "bytes",
  "Markup",
]);

const SPACE = new RegExp(`^[${WHITESPACE}]+$`);

/** A str argument; a TypeError for anything else. */
function text(value: Value | undefined, what: string): string {
  if (typeof value === "string") return value;
  if (value instanceof Markup) return value.text;
  throw typeError(`${what}, not ${typeName(value ?? null)}`);
}

/** Strips a set of characters, or white space, from the ends. */
export function stripped(
  self: string,
  set: Value | undefined,
  side: "both" | "start" | "end",
): string {
  if (set === null || set === undefined) {
    const left = side === "end" ? self : trimStart(self);
    return side === "start" ? left : trimEnd(left);
  }
  const method = side === "both" ? "strip" : side === "start" ? "lstrip" : "rstrip";
  if (typeof set !== "string" && !(set instanceof Markup)) {
    throw typeError(`${method} arg must be None or str`);
  }
  const known = new Set(text(set, ""));
  const all = characters(self);
  let start = 0;
  let end = all.length;
  if (side !== "end") while (start < end && known.has(all[start] ?? "")) start++;
  if (side !== "start") while (end > start && known.has(all[end - 1] ?? "")) end--;
  return all.slice(start, end).join("");
}

/** A str argument of a function whose messages say `None` for None. */
function argument(value: Value | undefined, what: string): string {
  if (value === null) throw typeError(`${what}, not None`);
  return text(value, what);
}

function separatorOf(value: Value | undefined): string {
  const separator = text(value, "must be str or None");
  if (separator === "") throw valueError("empty separator");
  return separator;
}

function split(self: string, separator: Value, limit: number): string[] {
  if (separator === null) {
    const all = words(self);
    if (limit < 0 || all.length <= limit) return all;
    const found: string[] = [];
    const word = new RegExp(`[^${WHITESPACE}]+`, "g");
    while (found.length < limit) {
      const match = word.exec(self);
      if (match === null) return found;
      found.push(match[0]);
    }
    const rest = trimStart(self.slice(word.lastIndex));
    if (rest !== "") found.push(rest);
    return found;
  }
  const parts = self.split(separatorOf(separator));
  if (limit < 0 || parts.length <= limit + 1) return parts;
  const by = separatorOf(separator);
  return [...parts.slice(0, limit), parts.slice(limit).join(by)];
}

function splitRight(self: string, separator: Value, limit: number): string[] {
  if (separator === null) {
    const flip = (value: string): string => characters(value).toReversed().join("");
    return split(flip(self), null, limit).map(flip).reverse();
  }
  const by = separatorOf(separator);
  const parts = self.split(by);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  const cut = parts.length - limit;
  return [parts.slice(0, cut).join(by), ...parts.slice(cut)];
}

/** `str.replace`. */
export function replaced(self: string, old: string, by: string, count: number): string {
  if (old !== "" && !self.includes(old)) return self;
  const most = old === "" ? self.length + 1 : Math.floor(self.length / old.length);
  const turns = count < 0 ? occurrences(self, old, most) : Math.min(count, most);
  checkText(self.length + turns * Math.max(0, by.length - old.length));
  if (count < 0) return old === "" ? replaceEmpty(self, by, Infinity) : self.split(old).join(by);
  if (old === "") return replaceEmpty(self, by, count);
  let out = "";
  let at = 0;
  for (let turn = 0; turn < count; turn++) {
    const found = self.indexOf(old, at);
    if (found < 0) break;
    out += self.slice(at, found) + by;
    at = found + old.length;
  }
  return out + self.slice(at);
}

function occurrences(self: string, old: string, most: number): number {
  if (old === "") return most;
  let count = 0;
  for (let at = self.indexOf(old); at >= 0; at = self.indexOf(old, at + old.length)) count++;
  return count;
}

function replaceEmpty(self: string, by: string, count: number): string {
  const all = characters(self);
  let out = "";
  let turns = 0;
  for (const character of all) {
    if (turns++ < count) out += by;
    out += character;
  }
  return turns < count ? out + by : out;
}

/** The part that `start` and `end` leave, and where it begins, in characters. */
function part(
  self: string,
  start: Value | undefined,
  end: Value | undefined,
): { text: string; from: number } {
  const all = characters(self);
  const slice = new PySlice(start ?? null, end ?? null, null);
  const size = all.length;
  const text = sliceItems(all, slice).join("");
  const raw = typeof start === "bigint" ? (start < 0n ? -size : Infinity) : start;
  const low = raw === null || raw === undefined ? 0 : Number(raw);
  return { text, from: low < 0 ? Math.max(0, low + size) : low };
}

function find(
  self: string,
  [sub, start, end]: readonly (Value | undefined)[],
  last: boolean,
): number {
  const { text: searched, from } = part(self, start, end);
  const wanted = text(sub, "must be str");
  if (from > textLength(self)) return -1;
  const at = last ? searched.lastIndexOf(wanted) : searched.indexOf(wanted);
  if (at < 0) return -1;
  return from + (isWide(searched) ? textLength(searched.slice(0, at)) : at);
}

function affixed(
  self: string,
  [affix, start, end]: readonly (Value | undefined)[],
  name: "startswith" | "endswith",
): boolean {
  const { text: searched } = part(self, start, end);
  const test = (value: Value): boolean => {
    const wanted = text(
      value,
      affix instanceof PyTuple
        ? `tuple for ${name} must only contain str`
        : `${name} first arg must be str or a tuple of str`,
    );
    return name === "startswith" ? searched.startsWith(wanted) : searched.endsWith(wanted);
  };
  return affix instanceof PyTuple ? affix.items.some(test) : test(affix ?? null);
}

function padded(
  self: string,
  [width, fill = " "]: readonly (Value | undefined)[],
  side: "left" | "right" | "center",
): string {
  const missing = indexNumber(width ?? null) - textLength(self);
  const character = text(fill, "The fill character must be a unicode character");
  if (textLength(character) !== 1) {
    throw typeError("The fill character must be exactly one character long");
  }
  if (missing <= 0) return self;
  checkText(missing);
  if (side === "left") return self + character.repeat(missing);
  if (side === "right") return character.repeat(missing) + self;
  const before = Math.floor(missing / 2) + (missing & indexNumber(width ?? null) & 1);
  return character.repeat(before) + self + character.repeat(missing - before);
}

const all = (self: string, pattern: RegExp): boolean => self !== "" && pattern.test(self);

const list = (parts: readonly string[]): PyList => new PyList([...parts]);

function partition(self: string, separator: Value | undefined, last: boolean): PyTuple {
  const by = text(separator, "must be str");
  if (by === "") throw valueError("empty separator");
  const at = last ? self.lastIndexOf(by) : self.indexOf(by);
  if (at < 0) return new PyTuple(last ? ["", "", self] : [self, "", ""]);
  return new PyTuple([self.slice(0, at), by, self.slice(at + by.length)]);
}

function expandTabs(self: string, size: number): string {
  let column = 0;
  let out = "";
  for (const character of self) {
    if (character === "\t") {
      const count = size <= 0 ? 0 : size - (column % size);
      checkText(out.length + count);
      out += " ".repeat(count);
      column += count;
    } else {
      out += character;
      column = character === "\n" || character === "\r" ? 0 : column + 1;
    }
  }
  return out;
}

function translate(self: string, table: Value): string {
  if (table instanceof Undefined) table.fail();
  if (
    typeof table !== "string" &&
    !(table instanceof PyObject && SUBSCRIPTABLE.has(table.typeName))
  ) {
    throw typeError(`'${typeName(table)}' object is not subscriptable`);
  }
  return characters(self)
    .map((character) => {
      const code = character.codePointAt(0) ?? 0;
      const by = typeof table === "string" ? characters(table)[code] : table.getItem(code);
      if (by === undefined) return character;
      if (by === null) return "";
      if (typeof by === "string" || by instanceof Markup) return str(by);
      if (typeof by !== "number" || !Number.isInteger(by)) {
        throw typeError("character mapping must return integer, None or str");
      }
      if (by < 0 || by > 0x10ffff) {
        throw valueError("character mapping must be in range(0x110000)");
      }
      return String.fromCodePoint(by);
    })
    .join("");
}

function makeTranslation([from, to, gone]: readonly (Value | undefined)[]): PyDict {
  const code = (value: Value): Value => {
    if (typeof value !== "string") return value;
    if (textLength(value) !== 1) {
      throw valueError("string keys in translate table must be of length 1");
    }
    return value.codePointAt(0) ?? 0;
  };
  if (to === undefined && !(from instanceof PyDict)) {
    throw typeError("if you give only one argument to maketrans it must be a dict");
  }
  if (from instanceof PyDict && to === undefined) {
    return new PyDict(Array.from(from.entries.values(), ([key, value]) => [code(key), value]));
  }
  if (typeof from !== "string" && !(from instanceof Markup)) {
    throw typeError("first maketrans argument must be a string if there is a second argument");
  }
  const left = characters(text(from, ""));
  const right = characters(argument(to, "maketrans() argument 2 must be str"));
  if (gone !== undefined) argument(gone, "maketrans() argument 3 must be str");
  if (left.length !== right.length) {
    throw valueError("the first two maketrans arguments must have equal length");
  }
  const table = new PyDict(left.map((item, index) => [code(item), code(right[index] ?? "")]));
  for (const item of typeof gone === "string" ? gone : "") table.set(code(item), null);
  return table;
}

/** Methods of str, bound; `format` is elsewhere, for it looks up attributes. */
export const textMethods = builtinMethods<string>("str", {
  "upper()": (self) => self.toUpperCase(),
  "lower()": (self) => self.toLowerCase(),
  "casefold()": (self) => caseFold(self),
  "title()": (self) => titleCase(self),
  "capitalize()": (self) => capitalize(self),
  "swapcase()": (self) => swapCase(self),
  "strip(chars=None, /)": (self, [set]) => stripped(self, set, "both"),
  "lstrip(chars=None, /)": (self, [set]) => stripped(self, set, "start"),
  "rstrip(chars=None, /)": (self, [set]) => stripped(self, set, "end"),
  "split(sep=None, maxsplit=-1)": (self, [separator = null, limit = -1]) =>
    list(split(self, separator, indexNumber(limit))),
  "rsplit(sep=None, maxsplit=-1)": (self, [separator = null, limit = -1]) =>
    list(splitRight(self, separator, indexNumber(limit))),
  "splitlines(keepends=False)": (self, [keep]) =>
    list(splitLines(self, indexNumber(keep === undefined ? false : keep) !== 0)),
  "join(iterable)": (self, [items = null]) => joined(self, items),
  "replace(old, new, count=-1, /)": (self, [old, by, count = -1]) =>
    replaced(
      self,
      argument(old, "replace() argument 1 must be str"),
      argument(by, "replace() argument 2 must be str"),
      indexNumber(count),
    ),
  "startswith(prefix, start=None, end=None, /)": (self, args) => affixed(self, args, "startswith"),
  "endswith(suffix, start=None, end=None, /)": (self, args) => affixed(self, args, "endswith"),
  "find(sub, start=None, end=None, /)": (self, args) => find(self, args, false),
  "rfind(sub, start=None, end=None, /)": (self, args) => find(self, args, true),
  "index(sub, start=None, end=None, /)": (self, args) => found(find(self, args, false)),
  "rindex(sub, start=None, end=None, /)": (self, args) => found(find(self, args, true)),
  "count(sub, start=None, end=None, /)": (self, [sub, start, end]) => {
    const { text: searched, from } = part(self, start, end);
    const wanted = text(sub, "must be str");
    if (from > textLength(self)) return 0;
    return wanted === "" ? textLength(searched) + 1 : searched.split(wanted).length - 1;
  },
  "zfill(width)": (self, [width]) => {
    const missing = Math.max(0, indexNumber(width ?? null) - textLength(self));
    checkText(missing);
    const sign = /^[+-]/.test(self) ? self.slice(0, 1) : "";
    return sign + "0".repeat(missing) + self.slice(sign.length);
  },
  "ljust(width, fillchar=' ', /)": (self, args) => padded(self, args, "left"),
  "rjust(width, fillchar=' ', /)": (self, args) => padded(self, args, "right"),
  "center(width, fillchar=' ', /)": (self, args) => padded(self, args, "center"),
  "partition(sep)": (self, [separator]) => partition(self, separator, false),
  "rpartition(sep)": (self, [separator]) => partition(self, separator, true),
  "removeprefix(prefix)": (self, [prefix]) => {
    const wanted = argument(prefix, "removeprefix() argument must be str");
    return self.startsWith(wanted) ? self.slice(wanted.length) : self;
  },
  "removesuffix(suffix)": (self, [suffix]) => {
    const wanted = argument(suffix, "removesuffix() argument must be str");
    return wanted !== "" && self.endsWith(wanted) ? self.slice(0, -wanted.length) : self;
  },
  "expandtabs(tabsize=8)": (self, [size = 8]) => expandTabs(self, indexNumber(size)),
  "isdigit()": (self) => all(self, /^[\p{Nd}²³¹⁰⁴-⁹₀-₉①-⑨]+$/u),
  "isdecimal()": (self) => all(self, /^\p{Nd}+$/u),
  "isnumeric()": (self) => all(self, /^\p{N}+$/u),
  "isalpha()": (self) => all(self, /^\p{L}+$/u),
  "isalnum()": (self) => all(self, /^[\p{L}\p{N}]+$/u),
  "isspace()": (self) => SPACE.test(self),
  "isupper()": (self) => isUpper(self),
  "islower()": (self) => isLower(self),
  "istitle()": (self) => isTitle(self),
  "isascii()": (self) => !/[^\0-\x7f]/.test(self),
  "isidentifier()": (self) => /^[\p{ID_Start}_]\p{ID_Continue}*$/u.test(self),
  "isprintable()": (self) => !/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(self),
  "encode(encoding='utf-8', errors='strict')": (self, [encoding = "utf-8", errors = "strict"]) =>
    new PyBytes(
      encodeText(
        self,
        codecArgument("encode", "encoding", encoding),
        codecArgument("encode", "errors", errors),
      ),
    ),
  "translate(table)": (self, [table = null]) => translate(self, table),
  "maketrans(x, y=?, z=?, /)": (_self, args) => makeTranslation(args),
});

/** The name of an encoding, or of what is done with errors. */
export function codecArgument(method: string, name: string, value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof PyObject && value.typeName === "Markup") return value.str();
  const given = value === null ? "None" : typeName(value);
  throw typeError(`${method}() argument '${name}' must be str, not ${given}`);
}

function found(index: number): number {
  if (index < 0) throw valueError("substring not found");
  return index;
}
