import { repr } from "../values/basics.ts";
import { PyBytes } from "../values/bytes.ts";
import { PyMappingProxy } from "../values/dict.ts";
import { typeError } from "../values/error.ts";
import { PyIterator } from "../values/iterator.ts";
import { builtinMethods, PyFunction } from "../values/method.ts";
import { PyList, PyTuple } from "../values/sequence.ts";
import { indexNumber, positional, PyObject, typeName, type Value } from "../values/value.ts";
import { compilePattern } from "./compile-pattern.ts";
import { flagNames, FLAGS } from "./flags.ts";
import { findMatch } from "./machine.ts";
import { parsePattern } from "./parse-pattern.ts";
import type { Program } from "./program.ts";
import { PyMatch } from "./regex-match.ts";
import { readReplacement } from "./replacement.ts";
import { isText, Subject } from "./subject.ts";

/** Where a pattern is to match: somewhere, at the first position, or all of the text. */
export type MatchMode = "search" | "match" | "fullmatch";

/** A compiled pattern. */
export class PyPattern extends PyObject {
  readonly typeName = "re.Pattern";
  readonly source: Value;
  readonly isBytes: boolean;
  readonly program: Program;

  constructor(source: Value, flags: number) {
    super();
    const text = new Subject(source);
    this.source = source;
    this.isBytes = source instanceof PyBytes;
    this.program = compilePattern(parsePattern(text.text(0, text.length), flags, this.isBytes));
  }
  repr(): string {
    const own = this.program.flags & ~FLAGS.UNICODE;
    const text = Array.from(repr(this.source)).slice(0, 200).join("");
    return `re.compile(${text}${own === 0 ? "" : `, ${flagNames(own)}`})`;
  }
  override equals(other: Value): boolean {
    return (
      other instanceof PyPattern &&
      repr(other.source) === repr(this.source) &&
      other.program.flags === this.program.flags
    );
  }
  override hashKey(): string {
    return `\0p${this.program.flags}${repr(this.source)}`;
  }
  /** The text to try the pattern on; a TypeError for another kind than its own. */
  subject(value: Value | undefined): Subject {
    const subject = new Subject(value ?? null);
    if (subject.isBytes === this.isBytes) return subject;
    throw typeError(
      this.isBytes
        ? "cannot use a bytes pattern on a string-like object"
        : "cannot use a string pattern on a bytes-like object",
    );
  }
  run(mode: MatchMode, value: Value | undefined, from?: Value, to?: Value): PyMatch | null {
    const subject = this.subject(value);
    const [start, end] = boundsOf(subject, from, to);
    const rules = { anywhere: mode === "search", whole: mode === "fullmatch", notEmpty: false };
    if (start > end && mode === "search") return null;
    const marks = findMatch(this.program, subject.upTo(end), start, rules);
    return marks === undefined ? null : new PyMatch(this, subject, marks, start, end);
  }
  /** All matches in turn: an empty one may follow one that was not. */
  *all(subject: Subject, from?: Value, to?: Value): Generator<PyMatch> {
    const [start, end] = boundsOf(subject, from, to);
    const haystack = subject.upTo(end);
    const rules = { anywhere: true, whole: false, notEmpty: false };
    let at = start;
    while (at <= end) {
      const marks = findMatch(this.program, haystack, at, rules);
      if (marks === undefined) return;
      const match = new PyMatch(this, subject, marks, start, end);
      yield match;
      at = match.end;
      rules.notEmpty = match.start === match.end;
    }
  }
  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "pattern":
        return this.source;
      case "flags":
        return this.program.flags;
      case "groups":
        return this.program.groups;
      case "groupindex":
        return new PyMappingProxy(this.program.names);
      default:
        return methods(this, name);
    }
  }
}

/** A bound, kept within the text. */
function boundsOf(
  subject: Subject,
  from: Value | undefined,
  to: Value | undefined,
): [start: number, end: number] {
  const clamp = (value: Value | undefined, usual: number): number => {
    const number = typeof value === "bigint" ? Number(value) : value;
    const index = number === undefined ? usual : indexNumber(number);
    return Math.max(0, Math.min(index, subject.length));
  };
  return [clamp(from, 0), clamp(to, subject.length)];
}

const limitOf = (limit: Value | undefined): number =>
  limit === undefined ? 0 : indexNumber(limit);

/** `sub` and `subn`: the text with matches replaced, and how many were. */
export function substitute(
  pattern: PyPattern,
  by: Value | undefined,
  value: Value | undefined,
  limit: Value | undefined,
): [text: Value, count: number] {
  const replace = replacer(pattern, by ?? null);
  const most = limitOf(limit);
  const subject = pattern.subject(value);
  let out = "";
  let at = 0;
  let count = 0;
  for (const match of pattern.all(subject)) {
    out += subject.text(at, match.start) + replace(match, count);
    at = match.end;
    count++;
    if (most > 0 && count >= most) break;
  }
  return [subject.valueOf(out + subject.text(at, subject.length)), count];
}

function replacer(pattern: PyPattern, by: Value): (match: PyMatch, count: number) => string {
  if (!(by instanceof PyObject && by.callable)) return readReplacement(by, pattern.program);
  return (match, count) => {
    const result = by.call(positional(match));
    if (result === null) return "";
    if (!isText(result)) {
      const kind = pattern.isBytes ? "a bytes-like object" : "str instance";
      throw typeError(`sequence item ${count * 2}: expected ${kind}, ${typeName(result)} found`);
    }
    const text = new Subject(result);
    return text.text(0, text.length);
  };
}

/** `split`: what is between the matches, and what their groups took. */
export function splitBy(
  pattern: PyPattern,
  value: Value | undefined,
  limit: Value | undefined,
): PyList {
  const subject = pattern.subject(value);
  const most = limitOf(limit);
  const parts: Value[] = [];
  let at = 0;
  let count = 0;
  for (const match of pattern.all(subject)) {
    parts.push(subject.slice(at, match.start), ...match.groups(null));
    at = match.end;
    count++;
    if (most > 0 && count >= most) break;
  }
  parts.push(subject.slice(at, subject.length));
  return new PyList(parts);
}

/** `findall`: the matches, or what their one group took, or tuples of their groups. */
export function findAll(
  pattern: PyPattern,
  value: Value | undefined,
  from?: Value,
  to?: Value,
): PyList {
  const subject = pattern.subject(value);
  const found: Value[] = [];
  const nothing = subject.valueOf("");
  for (const match of pattern.all(subject, from, to)) {
    const groups = match.groups(nothing);
    const [only = match.part(0)] = groups;
    found.push(groups.length > 1 ? new PyTuple(groups) : only);
  }
  return new PyList(found);
}

/** `finditer`. */
export const findEach = (
  pattern: PyPattern,
  value: Value | undefined,
  from?: Value,
  to?: Value,
): PyIterator => new PyIterator(pattern.all(pattern.subject(value), from, to), "callable_iterator");

/** `scanner`: matches one after another. */
class PyScanner extends PyObject {
  readonly typeName = "_sre.SRE_Scanner";
  readonly #pattern: PyPattern;
  readonly #subject: Subject;
  readonly #from: number;
  readonly #to: number;
  #at: number;
  #notEmpty = false;
  constructor(
    pattern: PyPattern,
    subject: Subject,
    from: Value | undefined,
    to: Value | undefined,
  ) {
    super();
    this.#pattern = pattern;
    this.#subject = subject;
    [this.#from, this.#to] = boundsOf(subject, from, to);
    this.#at = this.#from;
  }
  repr(): string {
    return "<_sre.SRE_Scanner object at 0x7f0000000000>";
  }
  #next(anywhere: boolean): Value {
    if (this.#at > this.#to) return null;
    const marks = findMatch(this.#pattern.program, this.#subject.upTo(this.#to), this.#at, {
      anywhere,
      whole: false,
      notEmpty: this.#notEmpty,
    });
    if (marks === undefined) {
      this.#at = this.#to + 1;
      return null;
    }
    const match = new PyMatch(this.#pattern, this.#subject, marks, this.#from, this.#to);
    this.#at = match.end;
    this.#notEmpty = match.start === match.end;
    return match;
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "pattern") return this.#pattern;
    if (name !== "match" && name !== "search") return undefined;
    return new PyFunction(name, () => this.#next(name === "search"));
  }
}

const methods = builtinMethods<PyPattern>("re.Pattern", {
  "search(string, pos=0, endpos=9007199254740991)": (self, [value, from, to]) =>
    self.run("search", value, from, to),
  "match(string, pos=0, endpos=9007199254740991)": (self, [value, from, to]) =>
    self.run("match", value, from, to),
  "fullmatch(string, pos=0, endpos=9007199254740991)": (self, [value, from, to]) =>
    self.run("fullmatch", value, from, to),
  "sub(repl, string, count=0)": (self, [by, value, limit]) => substitute(self, by, value, limit)[0],
  "subn(repl, string, count=0)": (self, [by, value, limit]) =>
    new PyTuple(substitute(self, by, value, limit)),
  "split(string, maxsplit=0)": (self, [value, limit]) => splitBy(self, value, limit),
  "findall(string, pos=0, endpos=9007199254740991)": (self, [value, from, to]) =>
    findAll(self, value, from, to),
  "finditer(string, pos=0, endpos=9007199254740991)": (self, [value, from, to]) =>
    findEach(self, value, from, to),
  "scanner(string, pos=0, endpos=9007199254740991)": (self, [value, from, to]) =>
    new PyScanner(self, self.subject(value), from, to),
});
