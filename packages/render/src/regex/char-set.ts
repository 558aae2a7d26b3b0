import { inAsciiClass, inClass, lowerAscii, lowerCode, sameUpper } from "./char-class.ts";
import { FLAGS } from "./flags.ts";
import type { SetItem } from "./pattern-node.ts";

/** The code points that a node of one character takes: a table of ASCII, a question for the rest. */
export class CharSet {
  readonly ascii: Uint8Array = new Uint8Array(128);
  readonly #test: (code: number) => boolean;
  constructor(test: (code: number) => boolean) {
    this.#test = test;
    for (let code = 0; code < 128; code++) this.ascii[code] = test(code) ? 1 : 0;
  }
  has(code: number): boolean {
    return code < 128 ? this.ascii[code] === 1 : this.#test(code);
  }
}

/** Every character but a newline. */
export const notNewline: CharSet = new CharSet((code) => code !== 10);
/** Every character. */
export const everything: CharSet = new CharSet(() => true);

/** How letters are folded when case is ignored. */
export const folderOf = (flags: number): ((code: number) => number) =>
  (flags & FLAGS.ASCII) !== 0 || (flags & FLAGS.UNICODE) === 0 ? lowerAscii : lowerCode;

/** Whether letters and digits of all of Unicode count. */
export const isUnicode = (flags: number): boolean =>
  (flags & FLAGS.UNICODE) !== 0 && (flags & FLAGS.ASCII) === 0;

/** The set of a literal when case is ignored; undefined where case makes no difference. */
export function foldedLiteral(code: number, flags: number): CharSet | undefined {
  const fold = folderOf(flags);
  const lower = fold(code);
  const others = isUnicode(flags) ? sameUpper(lower) : [];
  const set = new CharSet((other) => fold(other) === lower || others.includes(fold(other)));
  const text = String.fromCodePoint(code);
  const isCased = text.toLowerCase() !== text || text.toUpperCase() !== text;
  return isCased ? set : undefined;
}

/** The set of `[...]`. */
export function charSet(items: readonly SetItem[], negate: boolean, flags: number): CharSet {
  const member = (flags & FLAGS.IGNORECASE) === 0 ? plain(items, flags) : folded(items, flags);
  return new CharSet(negate ? (code) => !member(code) : member);
}

function plain(items: readonly SetItem[], flags: number): (code: number) => boolean {
  const classOf = isUnicode(flags) ? inClass : inAsciiClass;
  const ranges = items.filter((item) => item.kind === "range");
  const classes = items.filter((item) => item.kind === "class");
  return (code) =>
    ranges.some(({ from, to }) => code >= from && code <= to) ||
    classes.some(({ name, negate }) => classOf(name, code) !== negate);
}

/** Sets hold what is left of their characters when case is taken away; so does what is looked up. */
function folded(items: readonly SetItem[], flags: number): (code: number) => boolean {
  const fold = folderOf(flags);
  const lowers = new Set<number>();
  const wide: SetItem[] = [];
  for (const item of items) {
    if (item.kind === "class") {
      wide.push(item);
      continue;
    }
    // Beyond these planes no letter has two cases.
    for (let code = item.from; code <= Math.min(item.to, 0x1ffff); code++) {
      const lower = fold(code);
      lowers.add(lower);
      if (isUnicode(flags)) for (const other of sameUpper(lower)) lowers.add(other);
    }
    if (item.to > 0x1ffff) wide.push({ ...item, from: Math.max(item.from, 0x20000) });
  }
  const rest = plain(wide, flags);
  return (code) => {
    const lower = fold(code);
    return lowers.has(lower) || rest(lower);
  };
}
