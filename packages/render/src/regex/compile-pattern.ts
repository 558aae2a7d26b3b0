import {
  type CharSet,
  charSet,
  foldedLiteral,
  folderOf,
  isUnicode,
  notNewline,
} from "./char-set.ts";
import { firstSet, literalPrefix } from "./first-set.ts";
import { FLAGS } from "./flags.ts";
import type { ParsedPattern, PatternNode, Place, Sequence } from "./pattern-node.ts";
import { MODES, OP, PLACES, type Program } from "./program.ts";
import { regexError } from "./regex-error.ts";
import { combineFlags, singleSet } from "./single-set.ts";
import { groupWidths, type Width, widthOf } from "./width.ts";

/** Compiles a parsed pattern for the matching machine. */
export function compilePattern(pattern: ParsedPattern): Program {
  return new Compiler(pattern).run();
}

class Compiler {
  readonly #pattern: ParsedPattern;
  readonly #code: number[] = [];
  readonly #sets: CharSet[] = [];
  readonly #widths: ReadonlyMap<number, Width>;
  #registers: number;
  /** Whether anything asks what a group took. */
  #refers = false;

  constructor(pattern: ParsedPattern) {
    this.#pattern = pattern;
    this.#widths = groupWidths(pattern.body);
    this.#registers = (pattern.groups + 1) * 2 + 1;
  }

  run(): Program {
    const { body, flags } = this.#pattern;
    this.#sequence(body, flags);
    this.#code.push(OP.match);
    return {
      ...this.#pattern,
      code: Int32Array.from(this.#code),
      sets: this.#sets,
      registers: this.#registers,
      fold: folderOf(flags),
      prefix: literalPrefix(body, flags),
      first: firstSet(body, flags),
      run: this.#firstRun(),
    };
  }

  /** The set of an endless run at the very beginning, captured or not. */
  #firstRun(): CharSet | undefined {
    const code = this.#code;
    let at = 0;
    while (code[at] === OP.mark) at += 2;
    const isEndless = code[at] === OP.run && code[at + 3] === ENDLESS;
    return isEndless && !this.#refers ? this.#sets[code[at + 1] ?? 0] : undefined;
  }

  #sequence(nodes: Sequence, flags: number): void {
    for (const node of nodes) this.#node(node, flags);
  }

  #set(set: CharSet): number {
    return this.#sets.push(set) - 1;
  }

  /** Leaves a place for a target; the result fills in where the code has got to. */
  #hole(): () => void {
    const at = this.#code.push(0) - 1;
    return () => {
      this.#code[at] = this.#code.length;
    };
  }

  #node(node: PatternNode, flags: number): void {
    const code = this.#code;
    switch (node.kind) {
      case "literal": {
        const set = (flags & FLAGS.IGNORECASE) === 0 ? undefined : foldedLiteral(node.code, flags);
        if (set === undefined) code.push(OP.char, node.code);
        else code.push(OP.set, this.#set(set));
        return;
      }
      case "any":
        if ((flags & FLAGS.DOTALL) === 0) code.push(OP.set, this.#set(notNewline));
        else code.push(OP.advance);
        return;
      case "set":
        code.push(OP.set, this.#set(charSet(node.items, node.negate, flags)));
        return;
      case "place":
        code.push(OP.place, PLACES.indexOf(placeOf(node.place, flags)));
        return;
      case "group": {
        if (node.index > 0) code.push(OP.mark, node.index * 2);
        this.#sequence(node.body, combineFlags(flags, node.on, node.off));
        if (node.index > 0) code.push(OP.close, node.index);
        return;
      }
      case "branch":
        this.#branch(node.branches, flags);
        return;
      case "repeat":
        this.#repeat(node, flags);
        return;
      case "look":
        this.#look(node, flags);
        return;
      case "atomic":
        this.#atomic(() => this.#sequence(node.body, flags));
        return;
      case "backreference":
        this.#refers = true;
        code.push(
          (flags & FLAGS.IGNORECASE) === 0 ? OP.backreference : OP.foldedBackreference,
          node.index,
        );
        return;
      case "conditional": {
        this.#refers = true;
        code.push(OP.condition, node.index);
        const toElse = this.#hole();
        this.#sequence(node.yes, flags);
        code.push(OP.jump);
        const toEnd = this.#hole();
        toElse();
        this.#sequence(node.no, flags);
        toEnd();
      }
    }
  }

  #branch(branches: readonly Sequence[], flags: number): void {
    const ends: (() => void)[] = [];
    for (const [index, branch] of branches.entries()) {
      if (index === branches.length - 1) {
        this.#sequence(branch, flags);
        break;
      }
      this.#code.push(OP.split);
      const toNext = this.#hole();
      const first = firstSet(branch, flags);
      this.#code.push(first === undefined ? -1 : this.#set(first));
      this.#sequence(branch, flags);
      this.#code.push(OP.jump);
      ends.push(this.#hole());
      toNext();
    }
    for (const end of ends) end();
  }

  #atomic(body: () => void): void {
    this.#code.push(OP.atomic);
    const toAfter = this.#hole();
    body();
    this.#code.push(OP.match);
    toAfter();
  }

  #look(node: Extract<PatternNode, { kind: "look" }>, flags: number): void {
    const { min, max } = node.behind ? widthOf(node.body, this.#widths) : { min: 0, max: 0 };
    if (min !== max) throw regexError("look-behind requires fixed-width pattern");
    this.#code.push(OP.look, node.negate ? 1 : 0, min);
    const toAfter = this.#hole();
    this.#sequence(node.body, flags);
    this.#code.push(OP.match);
    toAfter();
  }

  #repeat(node: Extract<PatternNode, { kind: "repeat" }>, flags: number): void {
    const [only] = node.body;
    const set =
      node.body.length === 1 && only !== undefined ? this.#single(only, flags) : undefined;
    if (set !== undefined) {
      this.#code.push(OP.run, this.#set(set), node.min, bound(node.max), MODES[node.mode]);
      return;
    }
    if (node.mode !== "possessive") {
      this.#loop(node, MODES[node.mode], () => this.#sequence(node.body, flags));
      return;
    }
    this.#atomic(() =>
      this.#loop(node, MODES.greedy, () => this.#atomic(() => this.#sequence(node.body, flags))),
    );
  }

  /** The set of one character that is not even captured. */
  #single(node: PatternNode, flags: number): CharSet | undefined {
    if (node.kind !== "group" || node.index > 0) return singleSet(node, flags);
    const [only] = node.body;
    return node.body.length === 1 && only !== undefined
      ? this.#single(only, combineFlags(flags, node.on, node.off))
      : undefined;
  }

  #loop(
    node: { readonly min: number; readonly max: number },
    mode: number,
    body: () => void,
  ): void {
    const register = this.#registers;
    this.#registers += 2;
    this.#code.push(OP.enter, register);
    const start = this.#code.length;
    this.#code.push(OP.loop, register, node.min, bound(node.max), mode);
    const toExit = this.#hole();
    body();
    this.#code.push(OP.jump, start);
    toExit();
  }
}

const ENDLESS = 0x7fffffff;

/** No end is the largest number that the code can hold. */
const bound = (max: number): number => Math.min(max, ENDLESS);

function placeOf(place: Place, flags: number): (typeof PLACES)[number] {
  const multiline = (flags & FLAGS.MULTILINE) !== 0;
  switch (place) {
    case "start":
      return multiline ? "line-start" : "start";
    case "end":
      return multiline ? "line-end" : "end";
    case "text-start":
      return "start";
    case "text-end":
      return "text-end";
    case "boundary":
      return isUnicode(flags) ? "boundary" : "ascii-boundary";
    case "no-boundary":
      return isUnicode(flags) ? "no-boundary" : "ascii-no-boundary";
  }
}
