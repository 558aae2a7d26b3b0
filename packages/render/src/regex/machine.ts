import { limitError, searchStepsLeft, spendSearch } from "../values/limits.ts";
import { inAsciiClass, inClass } from "./char-class.ts";
import { OP, type Program } from "./program.ts";

/** What can be undone: a choice, the ends of a run, a register. Each takes four places of the stack. */
const CHOICE = 0;
const GREEDY = 1;
const LAZY = 2;
const LAZY_LOOP = 3;
const REGISTER = 4;

const ENTRY = 4;
/** Places of the stack: 128 MB. */
const MOST = 32 * 1024 * 1024;
/** Characters of a run that count as one step. */
const RUN_STEP = 8;

let stack = new Int32Array(4096);
let top = 0;

function grow(): void {
  if (stack.length * 2 > MOST) {
    throw limitError("a regular expression needs too much memory");
  }
  const larger = new Int32Array(stack.length * 2);
  larger.set(stack);
  stack = larger;
}

function push(kind: number, a: number, b: number, c: number): void {
  if (top + ENTRY > stack.length) grow();
  stack[top] = kind;
  stack[top + 1] = a;
  stack[top + 2] = b;
  stack[top + 3] = c;
  top += ENTRY;
}

/** A text as code points, and what part of it is to be seen. */
export interface Haystack {
  readonly codes: Uint16Array | Uint32Array;
  /** Where the text ends for the pattern. */
  readonly end: number;
}

/** How a match must lie. */
export interface MatchRules {
  /** At the first position, or anywhere from there on. */
  readonly anywhere: boolean;
  /** It ends where the text ends. */
  readonly whole: boolean;
  /** At the first position it is not empty. */
  readonly notEmpty: boolean;
}

/** What was found: start and end of every group (-1 for those that took no part), then the last closed group. */
export type Marks = Int32Array;

/**
 * Looks for a match from a position on. Backtracks on a stack of its own, and only as long as the budget lasts.
 *
 * @throws {PyError} LimitError where the budget is used up
 */
export function findMatch(
  program: Program,
  haystack: Haystack,
  from: number,
  rules: MatchRules,
): Marks | undefined {
  const machine = new Machine(program, haystack, rules.whole);
  try {
    const last = rules.anywhere ? haystack.end : from;
    for (let at = from; at <= last; at++) {
      if (rules.anywhere) {
        const next = machine.candidate(at);
        if (next < 0) return undefined;
        at = next;
      }
      machine.notEmptyAt = rules.notEmpty && at === from ? at : -1;
      const end = machine.run(0, at, true);
      if (end < 0) {
        at = machine.afterFailure(at);
        continue;
      }
      const { registers } = machine;
      registers[0] = at;
      registers[1] = end;
      return registers.slice(0, (program.groups + 1) * 2 + 1);
    }
    return undefined;
  } finally {
    top = 0;
    machine.pay();
  }
}

class Machine {
  readonly registers: Int32Array;
  readonly #program: Program;
  readonly #codes: Uint16Array | Uint32Array;
  readonly #end: number;
  readonly #whole: boolean;
  notEmptyAt = -1;
  readonly #budget = searchStepsLeft();
  #steps = 0;

  constructor(program: Program, haystack: Haystack, whole: boolean) {
    this.#program = program;
    this.#codes = haystack.codes;
    this.#end = haystack.end;
    this.#whole = whole;
    this.registers = new Int32Array(program.registers).fill(-1);
  }

  pay(): void {
    spendSearch(this.#steps, "a regular expression");
  }

  /** The next position where a match may begin; -1 where there is none. */
  candidate(from: number): number {
    const { prefix, first } = this.#program;
    const codes = this.#codes;
    const end = this.#end;
    const [head] = prefix;
    let at = from;
    if (head !== undefined) {
      const last = end - prefix.length;
      for (; at <= last; at++) {
        if (codes[at] !== head) continue;
        let size = 1;
        while (size < prefix.length && codes[at + size] === prefix[size]) size++;
        if (size === prefix.length) break;
      }
      if (at > last) at = -1;
    } else if (first !== undefined) {
      while (at < end && !first.has(codes[at] ?? 0)) at++;
      if (at >= end) at = -1;
    }
    this.#spend(1 + Math.floor(((at < 0 ? end : at) - from) / RUN_STEP));
    return at;
  }

  /**
   * The last position that fails as this one did: where a pattern begins with an endless run, what follows it was
   * tried at every place that a later start in the same run can reach.
   */
  afterFailure(at: number): number {
    const { run } = this.#program;
    if (run === undefined) return at;
    let next = at;
    while (next < this.#end && run.has(this.#codes[next] ?? 0)) next++;
    this.#spend(Math.floor((next - at) / RUN_STEP));
    return Math.max(at, next - 1);
  }

  #spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#budget) {
      throw limitError("a regular expression takes too many steps");
    }
  }

  #setRegister(register: number, value: number): void {
    push(REGISTER, register, this.registers[register] ?? 0, 0);
    this.registers[register] = value;
  }

  /** Takes everything above a height back. */
  #undo(base: number): void {
    while (top > base) {
      top -= ENTRY;
      if (stack[top] === REGISTER) this.registers[stack[top + 1] ?? 0] = stack[top + 2] ?? 0;
    }
  }

  /** Drops the choices above a height; what registers held stays known. */
  #commit(base: number): void {
    let kept = base;
    for (let at = base; at < top; at += ENTRY) {
      if (stack[at] !== REGISTER) continue;
      stack.copyWithin(kept, at, at + ENTRY);
      kept += ENTRY;
    }
    top = kept;
  }

  /** Runs code from a position to `match`; the end of the match, or -1. */
  run(from: number, start: number, outermost: boolean): number {
    const { code, sets } = this.#program;
    const codes = this.#codes;
    const end = this.#end;
    const { registers } = this;
    const base = top;
    let pc = from;
    let at = start;
    let fuel = 4096;
    for (;;) {
      if (--fuel === 0) {
        this.#spend(4096);
        fuel = 4096;
      }
      let failed = false;
      switch (code[pc]) {
        case OP.char:
          if (at < end && codes[at] === code[pc + 1]) {
            at++;
            pc += 2;
          } else failed = true;
          break;
        case OP.set:
          if (at < end && sets[code[pc + 1] ?? 0]?.has(codes[at] ?? 0) === true) {
            at++;
            pc += 2;
          } else failed = true;
          break;
        case OP.advance:
          if (at < end) {
            at++;
            pc++;
          } else failed = true;
          break;
        case OP.split: {
          const first = code[pc + 2] ?? -1;
          const other = code[pc + 1] ?? 0;
          if (first >= 0 && (at >= end || sets[first]?.has(codes[at] ?? 0) !== true)) pc = other;
          else {
            push(CHOICE, other, at, 0);
            pc += 3;
          }
          break;
        }
        case OP.jump:
          pc = code[pc + 1] ?? 0;
          break;
        case OP.mark:
          this.#setRegister(code[pc + 1] ?? 0, at);
          pc += 2;
          break;
        case OP.close: {
          const group = code[pc + 1] ?? 0;
          this.#setRegister(group * 2 + 1, at);
          this.#setRegister((this.#program.groups + 1) * 2, group);
          pc += 2;
          break;
        }
        case OP.place:
          if (this.#isPlace(code[pc + 1] ?? 0, at)) pc += 2;
          else failed = true;
          break;
        case OP.backreference:
        case OP.foldedBackreference: {
          const size = this.#repeated(code[pc + 1] ?? 0, at, code[pc] !== OP.backreference);
          if (size < 0) failed = true;
          else {
            at += size;
            pc += 2;
          }
          break;
        }
        case OP.look: {
          const height = top;
          const begin = at - (code[pc + 2] ?? 0);
          const found = begin >= 0 && this.run(pc + 4, begin, false) >= 0;
          const negate = code[pc + 1] === 1;
          if (found && negate) this.#undo(height);
          else if (found) this.#commit(height);
          if (found === negate) failed = true;
          else pc = code[pc + 3] ?? 0;
          break;
        }
        case OP.atomic: {
          const height = top;
          const reached = this.run(pc + 2, at, false);
          if (reached < 0) failed = true;
          else {
            this.#commit(height);
            at = reached;
            pc = code[pc + 1] ?? 0;
          }
          break;
        }
        case OP.run: {
          const set = sets[code[pc + 1] ?? 0];
          const min = code[pc + 2] ?? 0;
          const max = code[pc + 3] ?? 0;
          const mode = code[pc + 4] ?? 0;
          const wanted = mode === 1 ? min : max;
          const limit = wanted < end - at ? at + wanted : end;
          let reached = at;
          while (reached < limit && set?.has(codes[reached] ?? 0) === true) reached++;
          fuel = this.#afterRun(fuel, reached - at);
          if (reached - at < min) {
            failed = true;
            break;
          }
          if (mode === 0 && reached > at + min) push(GREEDY, pc + 5, at + min, reached);
          else if (mode === 1 && max > min) push(LAZY, pc, reached, max - min);
          at = reached;
          pc += 5;
          break;
        }
        case OP.enter: {
          const register = code[pc + 1] ?? 0;
          this.#setRegister(register, 0);
          this.#setRegister(register + 1, -1);
          pc += 2;
          break;
        }
        case OP.loop: {
          const register = code[pc + 1] ?? 0;
          const count = registers[register] ?? 0;
          const exit = code[pc + 5] ?? 0;
          if (count < (code[pc + 2] ?? 0)) {
            this.#setRegister(register, count + 1);
            pc += 6;
          } else if (code[pc + 4] === 1) {
            push(LAZY_LOOP, pc, at, 0);
            pc = exit;
          } else if (count < (code[pc + 3] ?? 0) && registers[register + 1] !== at) {
            push(CHOICE, exit, at, 0);
            this.#setRegister(register, count + 1);
            this.#setRegister(register + 1, at);
            pc += 6;
          } else pc = exit;
          break;
        }
        case OP.condition:
          pc = (registers[(code[pc + 1] ?? 0) * 2 + 1] ?? -1) < 0 ? (code[pc + 2] ?? 0) : pc + 3;
          break;
        default:
          if (!outermost || this.#isAllowed(at)) {
            this.#spend(4096 - fuel);
            return at;
          }
          failed = true;
      }
      if (!failed) continue;

      // The latest choice that is left.
      for (;;) {
        if (top === base) {
          this.#spend(4096 - fuel);
          return -1;
        }
        top -= ENTRY;
        const kind = stack[top];
        const a = stack[top + 1] ?? 0;
        const b = stack[top + 2] ?? 0;
        const c = stack[top + 3] ?? 0;
        if (kind === REGISTER) {
          registers[a] = b;
          continue;
        }
        if (kind === CHOICE) {
          pc = a;
          at = b;
          break;
        }
        if (kind === GREEDY) {
          // One character less; where a certain one must follow, back to the last place that has it.
          let reached = c - 1;
          if (code[a] === OP.char) {
            const wanted = code[a + 1];
            while (reached >= b && (reached >= end || codes[reached] !== wanted)) reached--;
            fuel = this.#afterRun(fuel, c - reached);
            if (reached < b) continue;
          }
          if (reached > b) push(GREEDY, a, b, reached);
          pc = a;
          at = reached;
          break;
        }
        if (kind === LAZY) {
          if (b >= end || sets[code[a + 1] ?? 0]?.has(codes[b] ?? 0) !== true) continue;
          if (c > 1) push(LAZY, a, b + 1, c - 1);
          pc = a + 5;
          at = b + 1;
          break;
        }
        const register = code[a + 1] ?? 0;
        const count = registers[register] ?? 0;
        if (count >= (code[a + 3] ?? 0) || registers[register + 1] === b) continue;
        this.#setRegister(register, count + 1);
        this.#setRegister(register + 1, b);
        pc = a + 6;
        at = b;
        break;
      }
    }
  }

  /** Fuel that is left after a run over characters. */
  #afterRun(fuel: number, size: number): number {
    const cost = Math.floor(size / RUN_STEP);
    if (cost < fuel - 1) return fuel - cost;
    this.#spend(cost);
    return fuel;
  }

  #isAllowed(at: number): boolean {
    return (!this.#whole || at === this.#end) && at !== this.notEmptyAt;
  }

  /** Length of what a group took, where it is here again; -1 where it is not. */
  #repeated(group: number, at: number, folded: boolean): number {
    const from = this.registers[group * 2] ?? -1;
    const to = this.registers[group * 2 + 1] ?? -1;
    if (from < 0 || to < from || at + to - from > this.#end) return -1;
    const { fold } = this.#program;
    for (let index = 0; index < to - from; index++) {
      const left = this.#codes[from + index] ?? 0;
      const right = this.#codes[at + index] ?? 0;
      if (left !== right && !(folded && fold(left) === fold(right))) return -1;
    }
    this.#spend(Math.floor((to - from) / RUN_STEP));
    return to - from;
  }

  #isPlace(place: number, at: number): boolean {
    const codes = this.#codes;
    const end = this.#end;
    switch (place) {
      case 0:
        return at === 0;
      case 1:
        return at === 0 || codes[at - 1] === 10;
      case 2:
        return at === end || (at === end - 1 && codes[at] === 10);
      case 3:
        return at === end || codes[at] === 10;
      case 4:
        return at === end;
      default: {
        // Nothing is no boundary, and no place between words either.
        if (end === 0) return false;
        const isWord = place > 6 ? inClass : inAsciiClass;
        const before = at > 0 && isWord("word", codes[at - 1] ?? 0);
        const after = at < end && isWord("word", codes[at] ?? 0);
        return (before !== after) === (place % 2 === 1);
      }
    }
  }
}
