import { str } from "../values/basics.ts";
import { PyDict } from "../values/dict.ts";
import { PyError, typeError } from "../values/error.ts";
import { PyIterator } from "../values/iterator.ts";
import { Markup } from "../values/markup.ts";
import { builtinMethods, pyFunction, PyModule } from "../values/method.ts";
import { PyList, PyTuple } from "../values/sequence.ts";
import { isWide, textLength, textRepr } from "../values/text.ts";
import { indexNumber, positional, PyObject, typeName, type Value } from "../values/value.ts";
import { FLAGS, regexError, translatePattern } from "./regex-syntax.ts";

function subject(value: Value | undefined): string {
  if (typeof value === "string") return value;
  if (value instanceof Markup) return value.text;
  throw typeError(`expected string or bytes-like object, got '${typeName(value ?? null)}'`);
}

/** Start of a match, in UTF-16 units, for each group. */
type Indices = readonly ([number, number] | undefined)[];

/** What a search found. */
class PyMatch extends PyObject {
  readonly typeName = "re.Match";
  readonly match: RegExpExecArray;
  readonly text: string;
  readonly pattern: PyPattern;
  constructor(match: RegExpExecArray, text: string, pattern: PyPattern) {
    super();
    this.match = match;
    this.text = text;
    this.pattern = pattern;
  }
  repr(): string {
    const [start, end] = this.span(0);
    return `<re.Match object; span=(${start}, ${end}), match=${textRepr(this.match[0])}>`;
  }
  group(key: Value): Value {
    return this.match[this.index(key)] ?? null;
  }
  index(key: Value): number {
    const index = typeof key === "string" ? (this.pattern.names.get(key) ?? -1) : indexNumber(key);
    if (index < 0 || index >= this.match.length) throw new PyError("IndexError", "no such group");
    return index;
  }
  span(index: number): [number, number] {
    const indices: Indices = this.match.indices ?? [];
    const [start, end] = indices[index] ?? [-1, -1];
    if (start < 0 || !isWide(this.text)) return [start, end];
    return [textLength(this.text.slice(0, start)), textLength(this.text.slice(0, end))];
  }
  override truth(): boolean {
    return true;
  }
  override getItem(key: Value): Value | undefined {
    return this.group(key);
  }
  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "string":
        return this.text;
      case "re":
        return this.pattern;
      case "pos":
        return 0;
      case "endpos":
        return textLength(this.text);
      case "lastindex": {
        const last = this.match.findLastIndex((group, index) => index > 0 && group !== undefined);
        return last < 1 ? null : last;
      }
      default:
        return matchMethods(this, name);
    }
  }
}

const matchMethods = builtinMethods<PyMatch>("re.Match", {
  "group(*)": (self, args) => {
    if (args.length === 0) return self.match[0];
    if (args.length === 1) return self.group(args[0] ?? null);
    return new PyTuple(args.map((key) => self.group(key ?? null)));
  },
  "groups(default=None)": (self, [usual = null]) =>
    new PyTuple(self.match.slice(1).map((group: string | undefined) => group ?? usual)),
  "groupdict(default=None)": (self, [usual = null]) =>
    new PyDict(
      Array.from(self.pattern.names, ([name, index]) => {
        const value = self.match[index];
        return [name, value === undefined ? usual : value] as const;
      }),
    ),
  "start(group=0)": (self, [key = 0]) => self.span(self.index(key))[0],
  "end(group=0)": (self, [key = 0]) => self.span(self.index(key))[1],
  "span(group=0)": (self, [key = 0]) => new PyTuple(self.span(self.index(key))),
  "expand(template)": (self, [template]) => expandTemplate(subject(template), self),
});

/** The text of a replacement with `\1` and `\g<name>`. */
function expandTemplate(template: string, match: PyMatch): string {
  return template.replace(
    /\\(?:g<([^>]*)>|(0[0-7]{0,2})|(\d{1,2})|([abfnrtv\\])|(.))/gs,
    (all, name, octal, digits, letter, other) => {
      if (typeof name === "string") {
        const key = /^\d+$/.test(name) ? Number(name) : name;
        if (typeof key === "string" && !match.pattern.names.has(key)) {
          throw new PyError("IndexError", `unknown group name '${key}'`);
        }
        return text(match, key);
      }
      if (typeof octal === "string") return String.fromCodePoint(Number.parseInt(octal, 8) || 0);
      if (typeof digits === "string") return text(match, Number(digits));
      if (typeof letter === "string") return ESCAPES[letter] ?? letter;
      if (typeof other === "string" && /[A-Za-z]/.test(other))
        throw regexError(`bad escape \\${other}`, 0);
      return all;
    },
  );
}

function text(match: PyMatch, key: Value): string {
  if (typeof key === "number" && key >= match.match.length) {
    throw regexError(`invalid group reference ${key}`, 1);
  }
  const value = match.group(key);
  return value === null ? "" : str(value);
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

type Mode = "search" | "match" | "fullmatch";

/** A compiled pattern. */
class PyPattern extends PyObject {
  readonly typeName = "re.Pattern";
  readonly source: string;
  readonly flags: number;
  readonly names: ReadonlyMap<string, number>;
  readonly groups: number;
  readonly #regexes = new Map<Mode, RegExp>();
  readonly #translated: { source: string; flags: string };

  constructor(source: string, flags: number) {
    super();
    const translated = translatePattern(source, flags);
    this.source = source;
    this.flags = translated.pythonFlags | FLAGS.UNICODE;
    this.#translated = translated;
    const probe = this.#regex("search");
    const groups = new RegExp(`${probe.source}|`, probe.flags).exec("");
    this.groups = (groups?.length ?? 1) - 1;
    this.names = groupNames(translated.source);
  }
  repr(): string {
    return `re.compile(${textRepr(this.source)})`;
  }
  override equals(other: Value): boolean {
    return other instanceof PyPattern && other.source === this.source && other.flags === this.flags;
  }
  override hashKey(): string {
    return `\0p${this.flags}${this.source}`;
  }
  #regex(mode: Mode): RegExp {
    const known = this.#regexes.get(mode);
    if (known !== undefined) return known;
    const { source, flags } = this.#translated;
    const body = mode === "fullmatch" ? `(?:${source})(?![^])` : source;
    let regex: RegExp;
    try {
      regex = new RegExp(body, `${flags}${mode === "search" ? "g" : "y"}`);
    } catch (error) {
      const message = error instanceof Error ? error.message.replace(/^.*\/[a-z]*: /s, "") : "";
      throw regexError(message.toLowerCase());
    }
    this.#regexes.set(mode, regex);
    return regex;
  }
  run(mode: Mode, value: string, from = 0): PyMatch | null {
    const regex = this.#regex(mode);
    regex.lastIndex = from;
    const match = regex.exec(value);
    return match === null ? null : new PyMatch(match, value, this);
  }
  /** All matches; an empty one may follow one that was not, as Python 3.7 and later have it. */
  *all(value: string): Generator<PyMatch> {
    const regex = this.#regex("search");
    let at = 0;
    while (at <= value.length) {
      regex.lastIndex = at;
      const match = regex.exec(value);
      if (match === null) return;
      yield new PyMatch(match, value, this);
      const end = match.index + match[0].length;
      const wide = (value.codePointAt(end) ?? 0) > 0xffff;
      at = match[0] === "" ? end + (wide ? 2 : 1) : end;
    }
  }
  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "pattern":
        return this.source;
      case "flags":
        return this.flags;
      case "groups":
        return this.groups;
      case "groupindex":
        return new PyDict(this.names);
      default:
        return patternMethods(this, name);
    }
  }
}

function groupNames(source: string): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  let count = 0;
  let inSet = false;
  for (let at = 0; at < source.length; at++) {
    const character = source[at];
    if (character === "\\") at++;
    else if (inSet) inSet = character !== "]";
    else if (character === "[") inSet = true;
    else if (character === "(") {
      const named = /^\(\?<([^=!>][^>]*)>/.exec(source.slice(at));
      if (named !== null) names.set(named[1] ?? "", ++count);
      else if (source[at + 1] !== "?") count++;
    }
  }
  return names;
}

function substitute(
  pattern: PyPattern,
  by: Value | undefined,
  value: Value | undefined,
  limit: Value | undefined,
): [string, number] {
  const input = subject(value);
  const most = limit === undefined ? 0 : indexNumber(limit);
  let out = "";
  let at = 0;
  let count = 0;
  for (const match of pattern.all(input)) {
    if (most > 0 && count >= most) break;
    count++;
    out += input.slice(at, match.match.index);
    out +=
      by instanceof PyObject && by.callable
        ? str(by.call(positional(match)))
        : expandTemplate(subject(by), match);
    at = match.match.index + match.match[0].length;
  }
  return [out + input.slice(at), count];
}

function split(pattern: PyPattern, value: Value | undefined, limit: Value | undefined): PyList {
  const input = subject(value);
  const most = limit === undefined ? 0 : indexNumber(limit);
  const parts: Value[] = [];
  let at = 0;
  let count = 0;
  for (const match of pattern.all(input)) {
    if (most > 0 && count >= most) break;
    count++;
    parts.push(input.slice(at, match.match.index));
    for (const group of match.match.slice(1) as (string | undefined)[]) parts.push(group ?? null);
    at = match.match.index + match.match[0].length;
  }
  parts.push(input.slice(at));
  return new PyList(parts);
}

function findAll(pattern: PyPattern, value: Value | undefined): PyList {
  const found: Value[] = [];
  for (const match of pattern.all(subject(value))) {
    const groups = match.match.slice(1).map((group: string | undefined) => group ?? "");
    if (groups.length === 0) found.push(match.match[0]);
    else found.push(groups.length === 1 ? (groups[0] ?? "") : new PyTuple(groups));
  }
  return new PyList(found);
}

const patternMethods = builtinMethods<PyPattern>("re.Pattern", {
  "search(string, pos=0, endpos=9007199254740991)": (self, [value, from = 0]) =>
    self.run("search", subject(value), indexNumber(from)),
  "match(string, pos=0, endpos=9007199254740991)": (self, [value, from = 0]) =>
    self.run("match", subject(value), indexNumber(from)),
  "fullmatch(string, pos=0, endpos=9007199254740991)": (self, [value, from = 0]) =>
    self.run("fullmatch", subject(value), indexNumber(from)),
  "sub(repl, string, count=0)": (self, [by, value, limit]) => substitute(self, by, value, limit)[0],
  "subn(repl, string, count=0)": (self, [by, value, limit]) =>
    new PyTuple(substitute(self, by, value, limit)),
  "split(string, maxsplit=0)": (self, [value, limit]) => split(self, value, limit),
  "findall(string, pos=0, endpos=9007199254740991)": (self, [value]) => findAll(self, value),
  "finditer(string, pos=0, endpos=9007199254740991)": (self, [value]) =>
    new PyIterator(self.all(subject(value)), "callable_iterator"),
});

function compiled(pattern: Value | undefined, flags: Value | undefined): PyPattern {
  if (pattern instanceof PyPattern) return pattern;
  if (typeof pattern !== "string" && !(pattern instanceof Markup)) {
    throw typeError("first argument must be string or compiled pattern");
  }
  return new PyPattern(subject(pattern), flags === undefined ? 0 : indexNumber(flags));
}

const SPECIAL = /[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g;
const NAMED_SPACES: Readonly<Record<string, string>> = { "\n": "\\\n", "\t": "\\\t" };

/** Python's `re`. */
export const regexModule: PyModule = new PyModule("re", {
  search: pyFunction("search(pattern, string, flags=0)", (_self, [pattern, value, flags]) =>
    compiled(pattern, flags).run("search", subject(value)),
  ),
  match: pyFunction("match(pattern, string, flags=0)", (_self, [pattern, value, flags]) =>
    compiled(pattern, flags).run("match", subject(value)),
  ),
  fullmatch: pyFunction("fullmatch(pattern, string, flags=0)", (_self, [pattern, value, flags]) =>
    compiled(pattern, flags).run("fullmatch", subject(value)),
  ),
  sub: pyFunction(
    "sub(pattern, repl, string, count=0, flags=0)",
    (_self, [pattern, by, value, limit, flags]) =>
      substitute(compiled(pattern, flags), by, value, limit)[0],
  ),
  subn: pyFunction(
    "subn(pattern, repl, string, count=0, flags=0)",
    (_self, [pattern, by, value, limit, flags]) =>
      new PyTuple(substitute(compiled(pattern, flags), by, value, limit)),
  ),
  split: pyFunction(
    "split(pattern, string, maxsplit=0, flags=0)",
    (_self, [pattern, value, limit, flags]) => split(compiled(pattern, flags), value, limit),
  ),
  findall: pyFunction("findall(pattern, string, flags=0)", (_self, [pattern, value, flags]) =>
    findAll(compiled(pattern, flags), value),
  ),
  finditer: pyFunction(
    "finditer(pattern, string, flags=0)",
    (_self, [pattern, value, flags]) =>
      new PyIterator(compiled(pattern, flags).all(subject(value)), "callable_iterator"),
  ),
  compile: pyFunction("compile(pattern, flags=0)", (_self, [pattern, flags]) =>
    compiled(pattern, flags),
  ),
  escape: pyFunction("escape(pattern)", (_self, [value]) =>
    subject(value).replace(SPECIAL, (character) => NAMED_SPACES[character] ?? `\\${character}`),
  ),
  ...FLAGS,
  A: FLAGS.ASCII,
  I: FLAGS.IGNORECASE,
  M: FLAGS.MULTILINE,
  S: FLAGS.DOTALL,
  X: FLAGS.VERBOSE,
  U: FLAGS.UNICODE,
});
