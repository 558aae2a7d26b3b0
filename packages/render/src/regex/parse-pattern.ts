import { PyError, valueError } from "../values/error.ts";
import { textRepr } from "../values/text.ts";
import { FLAG_LETTERS, FLAGS, TYPE_FLAGS } from "./flags.ts";
import { escapeNode, type GroupState, setEscape } from "./pattern-escape.ts";
import type { ParsedPattern, PatternNode, RepeatMode, Sequence, SetItem } from "./pattern-node.ts";
import { groupNumber, isIdentifier, PatternSource } from "./pattern-source.ts";
import { regexError } from "./regex-error.ts";

/** A repetition without an end; a number from here up is too large to be written. */
export const MAX_REPEAT = 4_294_967_295;
/** More groups than this no pattern has. */
const MAX_GROUPS = 1_073_741_823;
/** Groups within groups: deeper ones would use up the stack. */
const MAX_DEPTH = 500;

/** Parses a pattern; a `re.error` with Python's message and position where it is bad. */
export function parsePattern(text: string, flags: number, isBytes = false): ParsedPattern {
  return new Parser(text, flags, isBytes).run();
}

const isLetter = (character: string): boolean => /^\p{L}$/u.test(character);
const width = (text: string): number => Array.from(text).length;

class Parser implements GroupState {
  readonly #source: PatternSource;
  readonly #isBytes: boolean;
  #flags: number;
  readonly #names = new Map<string, number>();
  /** By group: whether it is closed. */
  readonly #closed: boolean[] = [true];
  /** Groups before the lookbehind that is being read. */
  #lookbehind: number | undefined;
  /** Where the pattern asks for a group that it has not defined yet. */
  readonly #asked = new Map<number, number>();

  constructor(text: string, flags: number, isBytes: boolean) {
    this.#source = new PatternSource(text);
    this.#flags = flags;
    this.#isBytes = isBytes;
  }

  get count(): number {
    return this.#closed.length;
  }

  isOpen(index: number): boolean {
    return this.#closed[index] === false;
  }

  checkLookbehind(index: number, source: PatternSource): void {
    if (this.#lookbehind === undefined) return;
    if (this.isOpen(index)) throw source.error("cannot refer to an open group");
    if (index >= this.#lookbehind) {
      throw source.error("cannot refer to group defined in the same lookbehind subpattern");
    }
  }

  run(): ParsedPattern {
    const source = this.#source;
    const body = this.#alternatives((this.#flags & FLAGS.VERBOSE) !== 0, 0);
    const flags = this.#finalFlags();
    if (source.next !== undefined) throw source.error("unbalanced parenthesis");
    for (const [index, at] of this.#asked) {
      if (index >= this.count) {
        throw regexError(`invalid group reference ${index}`, source.characters, at);
      }
    }
    return { body, flags, groups: this.count - 1, names: this.#names };
  }

  #finalFlags(): number {
    const flags = this.#flags;
    if (this.#isBytes) {
      if ((flags & FLAGS.UNICODE) !== 0) {
        throw valueError("cannot use UNICODE flag with a bytes pattern");
      }
      if ((flags & FLAGS.LOCALE) !== 0 && (flags & FLAGS.ASCII) !== 0) {
        throw valueError("ASCII and LOCALE flags are incompatible");
      }
      return flags;
    }
    if ((flags & FLAGS.LOCALE) !== 0) throw valueError("cannot use LOCALE flag with a str pattern");
    if ((flags & FLAGS.ASCII) === 0) return flags | FLAGS.UNICODE;
    if ((flags & FLAGS.UNICODE) !== 0) {
      throw valueError("ASCII and UNICODE flags are incompatible");
    }
    return flags;
  }

  #alternatives(verbose: boolean, depth: number): Sequence {
    if (depth > MAX_DEPTH) throw new PyError("RecursionError", "maximum recursion depth exceeded");
    const branches: Sequence[] = [];
    let spaced = verbose;
    do {
      branches.push(this.#sequence(spaced, depth, depth === 0 && branches.length === 0));
      if (depth === 0) spaced = (this.#flags & FLAGS.VERBOSE) !== 0;
    } while (this.#source.accept("|"));
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : [{ kind: "branch", branches }];
  }

  #sequence(verboseAtFirst: boolean, depth: number, first: boolean): Sequence {
    const source = this.#source;
    const nodes: PatternNode[] = [];
    let verbose = verboseAtFirst;
    for (;;) {
      const token = source.next;
      if (token === undefined || token === "|" || token === ")") return nodes;
      source.take();
      if (verbose && this.#isBlank(token)) continue;
      if (token.startsWith("\\")) nodes.push(escapeNode(source, token, this));
      else if (token === "[") nodes.push(this.#set());
      else if (token === "(") {
        const node = this.#group(verbose, depth, first && nodes.length === 0);
        if (node === "flags") verbose = (this.#flags & FLAGS.VERBOSE) !== 0;
        else if (node !== undefined) nodes.push(node);
      } else if ("*+?{".includes(token)) this.#repeat(token, nodes);
      else if (token === ".") nodes.push({ kind: "any" });
      else if (token === "^") nodes.push({ kind: "place", place: "start" });
      else if (token === "$") nodes.push({ kind: "place", place: "end" });
      else nodes.push({ kind: "literal", code: token.codePointAt(0) ?? 0 });
    }
  }

  /** White space and comments of a verbose pattern. */
  #isBlank(token: string): boolean {
    if (" \t\n\r\v\f".includes(token)) return true;
    if (token !== "#") return false;
    for (let skipped = this.#source.take(); skipped !== undefined && skipped !== "\n";) {
      skipped = this.#source.take();
    }
    return true;
  }

  #set(): PatternNode {
    const source = this.#source;
    const start = source.position - 1;
    const unterminated = (): Error =>
      source.error("unterminated character set", source.position - start);
    const negate = source.accept("^");
    const items: SetItem[] = [];
    const read = (token: string): SetItem => {
      if (token.startsWith("\\")) return setEscape(source, token);
      const code = token.codePointAt(0) ?? 0;
      return { kind: "range", from: code, to: code };
    };
    for (;;) {
      const token = source.take();
      if (token === undefined) throw unterminated();
      if (token === "]" && items.length > 0) break;
      const low = read(token);
      if (!source.accept("-")) {
        items.push(low);
        continue;
      }
      const end = source.take();
      if (end === undefined) throw unterminated();
      if (end === "]") {
        items.push(low, { kind: "range", from: 45, to: 45 });
        break;
      }
      const high = read(end);
      if (low.kind !== "range" || high.kind !== "range" || high.to < low.from) {
        throw source.error(`bad character range ${token}-${end}`, width(token) + 1 + width(end));
      }
      items.push({ kind: "range", from: low.from, to: high.to });
    }
    const [only] = items;
    if (!negate && items.length === 1 && only?.kind === "range" && only.from === only.to) {
      return { kind: "literal", code: only.from };
    }
    return { kind: "set", items, negate };
  }

  #repeat(token: string, nodes: PatternNode[]): void {
    const source = this.#source;
    const here = source.position;
    const bounds = this.#bounds(token, here);
    if (bounds === undefined) {
      nodes.push({ kind: "literal", code: token.codePointAt(0) ?? 0 });
      return;
    }
    const item = nodes.at(-1);
    const before = source.position - here + 1;
    if (item === undefined || item.kind === "place") {
      throw source.error("nothing to repeat", before);
    }
    if (item.kind === "repeat") throw source.error("multiple repeat", before);
    const mode: RepeatMode = source.accept("?")
      ? "lazy"
      : source.accept("+")
        ? "possessive"
        : "greedy";
    nodes[nodes.length - 1] = { kind: "repeat", ...bounds, mode, body: [item] };
  }

  /** How often; undefined for a brace that stands for itself. */
  #bounds(token: string, here: number): { min: number; max: number } | undefined {
    const source = this.#source;
    if (token === "?") return { min: 0, max: 1 };
    if (token === "*") return { min: 0, max: MAX_REPEAT };
    if (token === "+") return { min: 1, max: MAX_REPEAT };
    if (source.next === "}") return undefined;
    const low = source.takeWhile(Infinity, /^[0-9]$/);
    const high = source.accept(",") ? source.takeWhile(Infinity, /^[0-9]$/) : low;
    if (!source.accept("}")) {
      source.seek(here);
      return undefined;
    }
    const bound = (digits: string, usual: number): number => {
      if (digits === "") return usual;
      if (Number(digits) >= MAX_REPEAT) {
        throw new PyError("OverflowError", "the repetition number is too large");
      }
      return Number(digits);
    };
    const min = bound(low, 0);
    const max = bound(high, MAX_REPEAT);
    if (high !== "" && max < min) {
      throw source.error("min repeat greater than max repeat", source.position - here);
    }
    return { min, max };
  }

  /** A group that was opened; undefined for a comment. */
  #group(verbose: boolean, depth: number, first: boolean): PatternNode | "flags" | undefined {
    const source = this.#source;
    const start = source.position - 1;
    if (!source.accept("?")) return this.#capture(verbose, depth, start, undefined);
    const mark = source.take();
    if (mark === undefined) throw source.error("unexpected end of pattern");
    if (mark === "P") return this.#extension(verbose, depth, start);
    if (mark === ":") return this.#plain(verbose, depth, start, 0, 0);
    if (mark === "#") {
      this.#comment(start);
      return undefined;
    }
    if (mark === "=" || mark === "!" || mark === "<")
      return this.#look(mark, verbose, depth, start);
    if (mark === "(") return this.#conditional(verbose, depth, start);
    if (mark === ">") {
      return { kind: "atomic", body: this.#body(verbose, depth, start) };
    }
    if (mark !== "-" && !Object.hasOwn(FLAG_LETTERS, mark)) {
      throw source.error(`unknown extension ?${mark}`, width(mark) + 1);
    }
    const flags = this.#inlineFlags(mark);
    if (flags !== undefined) return this.#plain(verbose, depth, start, flags.on, flags.off);
    if (!first) {
      throw source.error(
        "global flags not at the start of the expression",
        source.position - start,
      );
    }
    return "flags";
  }

  /** The inside of a group and its closing parenthesis. */
  #body(verbose: boolean, depth: number, start: number): Sequence {
    const body = this.#alternatives(verbose, depth + 1);
    this.#close(start);
    return body;
  }

  #close(start: number): void {
    if (this.#source.accept(")")) return;
    throw this.#source.error("missing ), unterminated subpattern", this.#source.position - start);
  }

  #plain(verbose: boolean, depth: number, start: number, on: number, off: number): PatternNode {
    const inner = (verbose || (on & FLAGS.VERBOSE) !== 0) && (off & FLAGS.VERBOSE) === 0;
    return { kind: "group", index: 0, on, off, body: this.#body(inner, depth, start) };
  }

  #capture(verbose: boolean, depth: number, start: number, name: string | undefined): PatternNode {
    const index = this.count;
    if (name !== undefined) {
      const known = this.#names.get(name);
      if (known !== undefined) {
        throw this.#source.error(
          `redefinition of group name ${textRepr(name)} as group ${index}; was group ${known}`,
          width(name) + 1,
        );
      }
      this.#names.set(name, index);
    }
    this.#closed.push(false);
    const body = this.#body(verbose, depth, start);
    this.#closed[index] = true;
    return { kind: "group", index, on: 0, off: 0, body };
  }

  /** `(?P<name>...)` and `(?P=name)`. */
  #extension(verbose: boolean, depth: number, start: number): PatternNode {
    const source = this.#source;
    if (source.accept("<")) {
      const name = source.takeUntil(">", "group name");
      source.checkGroupName(name, 1);
      return this.#capture(verbose, depth, start, name);
    }
    if (source.accept("=")) {
      const name = source.takeUntil(")", "group name");
      source.checkGroupName(name, 1);
      const index = this.#named(name);
      if (this.isOpen(index)) {
        throw source.error("cannot refer to an open group", width(name) + 1);
      }
      this.checkLookbehind(index, source);
      return { kind: "backreference", index };
    }
    const other = source.take();
    if (other === undefined) throw source.error("unexpected end of pattern");
    throw source.error(`unknown extension ?P${other}`, width(other) + 2);
  }

  #named(name: string): number {
    const index = this.#names.get(name);
    if (index !== undefined) return index;
    throw this.#source.error(`unknown group name ${textRepr(name)}`, width(name) + 1);
  }

  #comment(start: number): void {
    const source = this.#source;
    for (;;) {
      if (source.next === undefined) {
        throw source.error("missing ), unterminated comment", source.position - start);
      }
      if (source.take() === ")") return;
    }
  }

  #look(mark: string, verbose: boolean, depth: number, start: number): PatternNode {
    const source = this.#source;
    let kind: string | undefined = mark;
    const before = this.#lookbehind;
    const behind = mark === "<";
    if (behind) {
      kind = source.take();
      if (kind === undefined) throw source.error("unexpected end of pattern");
      if (kind !== "=" && kind !== "!") {
        throw source.error(`unknown extension ?<${kind}`, width(kind) + 2);
      }
      this.#lookbehind ??= this.count;
    }
    const body = this.#alternatives(verbose, depth + 1);
    if (behind) this.#lookbehind = before;
    this.#close(start);
    return { kind: "look", behind, negate: kind === "!", body };
  }

  /** `(?(group)yes|no)`. */
  #conditional(verbose: boolean, depth: number, start: number): PatternNode {
    const source = this.#source;
    const name = source.takeUntil(")", "group name");
    const size = width(name) + 1;
    const index = isIdentifier(name) ? this.#named(name) : this.#numbered(name, size);
    this.checkLookbehind(index, source);
    const yes = this.#sequence(verbose, depth + 1, false);
    const no = source.accept("|") ? this.#sequence(verbose, depth + 1, false) : [];
    if (source.next === "|") {
      throw source.error("conditional backref with more than two branches");
    }
    this.#close(start);
    return { kind: "conditional", index, yes, no };
  }

  #numbered(name: string, size: number): number {
    const source = this.#source;
    const index = groupNumber(name);
    if (index === undefined) {
      throw source.error(`bad character in group name ${textRepr(name)}`, size);
    }
    if (index === 0) throw source.error("bad group number", size);
    if (index >= MAX_GROUPS) throw source.error(`invalid group reference ${index}`, size);
    if (!this.#asked.has(index)) this.#asked.set(index, source.position - size);
    return index;
  }

  /** Flags to turn on and off within a group; undefined for flags of the whole pattern. */
  #inlineFlags(first: string): { on: number; off: number } | undefined {
    const source = this.#source;
    let on = 0;
    let mark = first;
    while (mark !== "-" && mark !== ":" && mark !== ")") {
      if (mark === (this.#isBytes ? "u" : "L")) {
        const type = this.#isBytes ? "bytes" : "str";
        throw source.error(`bad inline flags: cannot use '${mark}' flag with a ${type} pattern`);
      }
      const flag = FLAG_LETTERS[mark] ?? 0;
      on |= flag;
      if ((flag & TYPE_FLAGS) !== 0 && (on & TYPE_FLAGS) !== flag) {
        throw source.error("bad inline flags: flags 'a', 'u' and 'L' are incompatible");
      }
      mark = this.#flagMark("missing -, : or )", ")-:");
    }
    if (mark === ")") {
      this.#flags |= on;
      return undefined;
    }
    if (mark === ":") return { on, off: 0 };
    let off = 0;
    mark = this.#flagMark("missing flag", "");
    while (mark !== ":") {
      const flag = FLAG_LETTERS[mark] ?? 0;
      if ((flag & TYPE_FLAGS) !== 0) {
        throw source.error("bad inline flags: cannot turn off flags 'a', 'u' and 'L'");
      }
      off |= flag;
      mark = this.#flagMark("missing :", ":");
    }
    if ((on & off) !== 0) {
      throw source.error("bad inline flags: flag turned on and off", 1);
    }
    return { on, off };
  }

  /** The next letter of inline flags, or one of the marks that may end them. */
  #flagMark(missing: string, ends: string): string {
    const mark = this.#source.take();
    if (mark === undefined) throw this.#source.error(missing);
    if (ends.includes(mark) || Object.hasOwn(FLAG_LETTERS, mark)) return mark;
    throw this.#source.error(isLetter(mark) ? "unknown flag" : missing, width(mark));
  }
}
