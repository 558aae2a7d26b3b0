import { notSupported, PyError } from "../values/error.ts";

/** Flags of Python's `re`. */
export const FLAGS = {
  ASCII: 256,
  IGNORECASE: 2,
  MULTILINE: 8,
  DOTALL: 16,
  VERBOSE: 64,
  UNICODE: 32,
} as const;

const LETTERS: Readonly<Record<string, number>> = {
  a: FLAGS.ASCII,
  i: FLAGS.IGNORECASE,
  m: FLAGS.MULTILINE,
  s: FLAGS.DOTALL,
  x: FLAGS.VERBOSE,
  u: FLAGS.UNICODE,
  L: 0,
};

/** A Python pattern as JavaScript has it. */
export interface Translated {
  readonly source: string;
  readonly flags: string;
  /** All flags, those inside the pattern too. */
  readonly pythonFlags: number;
}

const SPACE =
  "\\t\\n\\v\\f\\r \\x1c-\\x1f\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WORD = "\\p{L}\\p{N}_";

/** Translates a Python pattern: named groups, `\A \Z`, inline flags, verbose mode, Unicode classes. */
export function translatePattern(pattern: string, given: number): Translated {
  const leading = /^(?:\(\?([aiLmsux]+)\))+/.exec(pattern);
  let flags = given;
  for (const letter of leading?.[0].replace(/[^aiLmsux]/g, "") ?? "") flags |= LETTERS[letter] ?? 0;
  const body = leading === null ? pattern : pattern.slice(leading[0].length);
  const source = new Translator(body, flags).run();
  const ignoreCase = (flags & FLAGS.IGNORECASE) !== 0 ? "i" : "";
  const dotAll = (flags & FLAGS.DOTALL) !== 0 ? "s" : "";
  const multiline = (flags & FLAGS.MULTILINE) !== 0 ? "m" : "";
  return { source, flags: `du${ignoreCase}${dotAll}${multiline}`, pythonFlags: flags };
}

/** The error of a bad pattern. */
export const regexError = (message: string, at?: number): PyError =>
  new PyError("re.error", at === undefined ? message : `${message} at position ${at}`);

class Translator {
  readonly #text: string;
  readonly #flags: number;
  #at = 0;
  #out = "";

  constructor(text: string, flags: number) {
    this.#text = text;
    this.#flags = flags;
  }

  get #ascii(): boolean {
    return (this.#flags & FLAGS.ASCII) !== 0;
  }

  run(): string {
    while (this.#at < this.#text.length) this.#step();
    return this.#out;
  }

  #take(size: number): string {
    const part = this.#text.slice(this.#at, this.#at + size);
    this.#at += size;
    return part;
  }

  #step(): void {
    const character = this.#text[this.#at] ?? "";
    if ((this.#flags & FLAGS.VERBOSE) !== 0) {
      if (/\s/.test(character)) {
        this.#at++;
        return;
      }
      if (character === "#") {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end < 0 ? this.#text.length : end;
        return;
      }
    }
    if (character === "\\") this.#out += this.#escape(false);
    else if (character === "[") this.#set();
    else if (character === "(") this.#group();
    else if (character === "$") {
      this.#at++;
      this.#out += (this.#flags & FLAGS.MULTILINE) !== 0 ? "$" : "(?=\\n?(?![^]))";
    } else if (character === ".") {
      this.#at++;
      this.#out += (this.#flags & FLAGS.DOTALL) !== 0 ? "." : "[^\\n]";
    } else if (character === "^" && (this.#flags & FLAGS.MULTILINE) !== 0) {
      this.#at++;
      this.#out += "(?<![^\\n])";
    } else if (character === "{") this.#brace();
    else if (character === "}" || character === "]") {
      this.#at++;
      this.#out += `\\${character}`;
    } else this.#out += this.#take(1);
  }

  /** A brace that is no repetition stands for itself. */
  #brace(): void {
    const match = /^\{(\d*)(,?)(\d*)\}[+]?/.exec(this.#text.slice(this.#at));
    const [all = "", low = "", comma = "", high = ""] = match ?? [];
    if (match === null || (low === "" && high === "")) {
      this.#at++;
      this.#out += "\\{";
      return;
    }
    if (all.endsWith("+")) throw notSupported("possessive repetition in a regular expression");
    this.#at += all.length;
    this.#out += `{${low === "" ? "0" : low}${comma}${high}}`;
  }

  #group(): void {
    const rest = this.#text.slice(this.#at);
    const named = /^\(\?P<([^>]*)>/.exec(rest);
    if (named !== null) {
      const [all, name = ""] = named;
      if (!/^[\p{ID_Start}_]\p{ID_Continue}*$/u.test(name)) {
        throw regexError(`bad character in group name '${name}'`, this.#at + 4);
      }
      this.#at += all.length;
      this.#out += `(?<${name}>`;
      return;
    }
    const back = /^\(\?P=(\w+)\)/.exec(rest);
    if (back !== null) {
      this.#at += back[0].length;
      this.#out += `\\k<${back[1]}>`;
      return;
    }
    const comment = /^\(\?#[^)]*\)/.exec(rest);
    if (comment !== null) {
      this.#at += comment[0].length;
      return;
    }
    const scoped = /^\(\?([aiLmsux]*)(?:-([imsx]+))?:/.exec(rest);
    if (scoped !== null && scoped[0] !== "(?:") {
      const [all, on = "", off = ""] = scoped;
      if (/[^ims]/.test(on + off)) throw notSupported("this inline flag of a regular expression");
      this.#at += all.length;
      this.#out += `(?${on}${off === "" ? "" : `-${off}`}:`;
      return;
    }
    if (/^\(\?(?:>|\()/.test(rest)) {
      throw notSupported("an atomic or conditional group in a regular expression");
    }
    if (/^\(\?[aiLmsux]+\)/.test(rest)) {
      throw regexError("global flags not at the start of the expression", this.#at);
    }
    const opening = /^\((?:\?(?::|=|!|<=|<!))?/.exec(rest)?.[0] ?? "(";
    if (rest.startsWith("(?") && opening === "(") {
      throw regexError(`unknown extension ${rest.slice(1, 3)}`, this.#at + 1);
    }
    this.#out += this.#take(opening.length);
  }

  #set(): void {
    this.#out += this.#take(1);
    if (this.#text[this.#at] === "^") this.#out += this.#take(1);
    if (this.#text[this.#at] === "]") {
      this.#at++;
      this.#out += "\\]";
    }
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) throw regexError("unterminated character set", 0);
      if (character === "]") {
        this.#out += this.#take(1);
        return;
      }
      if (character === "\\") this.#out += this.#escape(true);
      else if (character === "-") this.#out += this.#dash();
      else if ("[(){}/|".includes(character)) this.#out += `\\${this.#take(1)}`;
      else
        this.#out += this.#take(String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0).length);
    }
  }

  /** A hyphen beside a class such as `\w` stands for itself. */
  #dash(): string {
    const before = this.#text.slice(this.#at - 2, this.#at);
    const after = this.#text.slice(this.#at + 1, this.#at + 3);
    this.#at++;
    const isClass = (text: string): boolean => /^\\[wWdDsS]/.test(text);
    return isClass(before) || isClass(after) || /[[^]$/.test(before) || after.startsWith("]")
      ? "\\-"
      : "-";
  }

  #escape(inSet: boolean): string {
    const next = this.#text[this.#at + 1];
    if (next === undefined) throw regexError("bad escape (end of pattern)", this.#at);
    const classes = inSet ? this.#classInSet(next) : this.#classAlone(next);
    if (classes !== undefined) {
      this.#at += 2;
      return classes;
    }
    const rest = this.#text.slice(this.#at);
    const hex = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest);
    if (hex !== null) {
      this.#at += hex[0].length;
      const code = hex[1] ?? hex[2] ?? hex[3] ?? "0";
      return `\\u{${code.replace(/^0+(?=.)/, "")}}`;
    }
    const octal = /^\\(0[0-7]{0,2}|[0-3][0-7]{2})/.exec(rest);
    if (octal !== null) {
      this.#at += octal[0].length;
      return `\\u{${Number.parseInt(octal[1] ?? "0", 8).toString(16)}}`;
    }
    if (/^\d$/.test(next) && !inSet) {
      const digits = /^\\(\d{1,2})/.exec(rest)?.[1] ?? next;
      this.#at += 1 + digits.length;
      return `(?:\\${digits})`;
    }
    this.#at += 2;
    if (/^[nrtfv]$/.test(next)) return `\\${next}`;
    if (next === "a") return "\\x07";
    if (next === "b" && inSet) return "\\x08";
    if (/^[A-Za-z]$/.test(next)) throw regexError(`bad escape \\${next}`, this.#at - 2);
    return /^[\^$\\.*+?()[\]{}|/]$/.test(next) || (inSet && next === "-") ? `\\${next}` : next;
  }

  #classAlone(letter: string): string | undefined {
    switch (letter) {
      case "A":
        return "(?<![^])";
      case "Z":
        return "(?![^])";
      case "b":
        return this.#ascii ? "\\b" : `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`;
      case "B":
        return this.#ascii ? "\\B" : `(?:(?<=[${WORD}])(?=[${WORD}])|(?<![${WORD}])(?![${WORD}]))`;
      case "w":
        return this.#ascii ? "\\w" : `[${WORD}]`;
      case "W":
        return this.#ascii ? "\\W" : `[^${WORD}]`;
      case "d":
        return this.#ascii ? "\\d" : "\\p{Nd}";
      case "D":
        return this.#ascii ? "\\D" : "\\P{Nd}";
      case "s":
        return this.#ascii ? "[ \\t\\n\\r\\f\\v]" : `[${SPACE}]`;
      case "S":
        return this.#ascii ? "[^ \\t\\n\\r\\f\\v]" : `[^${SPACE}]`;
      default:
        return undefined;
    }
  }

  #classInSet(letter: string): string | undefined {
    switch (letter) {
      case "w":
        return this.#ascii ? "\\w" : WORD;
      case "d":
        return this.#ascii ? "\\d" : "\\p{Nd}";
      case "D":
        return this.#ascii ? "\\D" : "\\P{Nd}";
      case "s":
        return this.#ascii ? " \\t\\n\\r\\f\\v" : SPACE;
      case "W":
        if (this.#ascii) return "\\W";
        throw notSupported("\\W inside a set of a regular expression");
      case "S":
        return "\\S";
      default:
        return undefined;
    }
  }
}
