import { PyBytes } from "../values/bytes.ts";
import { typeError, valueError } from "../values/error.ts";
import { Markup } from "../values/markup.ts";
import { pyFunction, PyModule, PyType } from "../values/method.ts";
import { PyTuple } from "../values/sequence.ts";
import { indexNumber, typeName, type Value } from "../values/value.ts";
import { FLAGS, PyRegexFlag } from "./flags.ts";
import { PyMatch } from "./regex-match.ts";
import { findAll, findEach, PyPattern, splitBy, substitute } from "./regex-pattern.ts";
import { Subject } from "./subject.ts";

/** Compiled patterns, the latest used last. */
const compiled = new Map<string, PyPattern>();
const MOST_COMPILED = 512;

const flagBits = (flags: Value): number =>
  flags instanceof PyRegexFlag ? flags.bits : indexNumber(flags);

function patternOf(pattern: Value | undefined, flags: Value | undefined): PyPattern {
  const bits = flagBits(flags ?? 0);
  if (pattern instanceof PyPattern) {
    if (bits !== 0) throw valueError("cannot process flags argument with a compiled pattern");
    return pattern;
  }
  const source = pattern instanceof Markup ? pattern.text : (pattern ?? null);
  if (source instanceof PyBytes) return new PyPattern(source, bits);
  if (typeof source !== "string")
    throw typeError("first argument must be string or compiled pattern");
  const key = `${bits} ${source}`;
  let found = compiled.get(key);
  if (found === undefined) {
    found = new PyPattern(source, bits);
    const [oldest] = compiled.keys();
    if (compiled.size >= MOST_COMPILED && oldest !== undefined) compiled.delete(oldest);
  } else compiled.delete(key);
  compiled.set(key, found);
  return found;
}

const SPECIAL = /[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g;

const flag = (name: keyof typeof FLAGS): PyRegexFlag => new PyRegexFlag(FLAGS[name]);

const notCreated =
  (name: string): PyType["call"] =>
  () => {
    throw typeError(`cannot create '${name}' instances`);
  };

/** Python's `re`. */
export const regexModule: PyModule = new PyModule("re", {
  search: pyFunction("search(pattern, string, flags=0)", (_self, [pattern, value, flags]) =>
    patternOf(pattern, flags).run("search", value),
  ),
  match: pyFunction("match(pattern, string, flags=0)", (_self, [pattern, value, flags]) =>
    patternOf(pattern, flags).run("match", value),
  ),
  fullmatch: pyFunction("fullmatch(pattern, string, flags=0)", (_self, [pattern, value, flags]) =>
    patternOf(pattern, flags).run("fullmatch", value),
  ),
  sub: pyFunction(
    "sub(pattern, repl, string, count=0, flags=0)",
    (_self, [pattern, by, value, limit, flags]) =>
      substitute(patternOf(pattern, flags), by, value, asCount(limit))[0],
  ),
  subn: pyFunction(
    "subn(pattern, repl, string, count=0, flags=0)",
    (_self, [pattern, by, value, limit, flags]) =>
      new PyTuple(substitute(patternOf(pattern, flags), by, value, asCount(limit))),
  ),
  split: pyFunction(
    "split(pattern, string, maxsplit=0, flags=0)",
    (_self, [pattern, value, limit, flags]) =>
      splitBy(patternOf(pattern, flags), value, asCount(limit)),
  ),
  findall: pyFunction("findall(pattern, string, flags=0)", (_self, [pattern, value, flags]) =>
    findAll(patternOf(pattern, flags), value),
  ),
  finditer: pyFunction("finditer(pattern, string, flags=0)", (_self, [pattern, value, flags]) =>
    findEach(patternOf(pattern, flags), value),
  ),
  compile: pyFunction("compile(pattern, flags=0)", (_self, [pattern, flags]) =>
    patternOf(pattern, flags),
  ),
  escape: pyFunction("escape(pattern)", (_self, [value = null]) => {
    if (typeof value === "number" || value === null || typeof value === "boolean") {
      // What Python's own code runs into first.
      throw typeError(`decoding to str: need a bytes-like object, ${typeName(value)} found`);
    }
    const subject = new Subject(value);
    return subject.valueOf(subject.text(0, subject.length).replace(SPECIAL, "\\$&"));
  }),
  purge: pyFunction("purge()", () => {
    compiled.clear();
    return null;
  }),
  error: new PyType("re.error", notCreated("re.error")),
  Pattern: new PyType(
    "re.Pattern",
    notCreated("re.Pattern"),
    {},
    (value) => value instanceof PyPattern,
  ),
  Match: new PyType("re.Match", notCreated("re.Match"), {}, (value) => value instanceof PyMatch),
  NOFLAG: new PyRegexFlag(0),
  ASCII: flag("ASCII"),
  A: flag("ASCII"),
  IGNORECASE: flag("IGNORECASE"),
  I: flag("IGNORECASE"),
  LOCALE: flag("LOCALE"),
  L: flag("LOCALE"),
  UNICODE: flag("UNICODE"),
  U: flag("UNICODE"),
  MULTILINE: flag("MULTILINE"),
  M: flag("MULTILINE"),
  DOTALL: flag("DOTALL"),
  S: flag("DOTALL"),
  VERBOSE: flag("VERBOSE"),
  X: flag("VERBOSE"),
  DEBUG: flag("DEBUG"),
});

/** A count may be given as a flag by mistake; Python takes its number. */
const asCount = (limit: Value | undefined): Value | undefined =>
  limit instanceof PyRegexFlag ? limit.bits : limit;
