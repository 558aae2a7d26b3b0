import { valueError } from "../values/error.ts";
import { textLength } from "../values/text.ts";

const SPACE = "[\\t\\n\\v\\f\\r ]";
const WORD = "[\\p{L}\\p{N}_]";
const PUNCTUATED = "[\\p{L}\\p{N}_!\"'&.,?]";
const LETTER = "[\\p{L}_]";

/** Where a line may be broken: white space, after hyphens within words, around dashes. */
const HYPHENS = new RegExp(
  `(${SPACE}+|(?<=${PUNCTUATED})-{2,}(?=${WORD})` +
    `|[^\\t\\n\\v\\f\\r ]+?(?:-(?:(?<=${LETTER}{2}-)|(?<=${LETTER}-${LETTER}-))(?=${LETTER}-?${LETTER})` +
    `|(?=${SPACE}|$)|(?<=${PUNCTUATED})(?=-{2,}${WORD})))`,
  "u",
);
const BLANKS = new RegExp(`(${SPACE}+)`, "u");

/** Wraps one paragraph at `width`, as Python's textwrap does. */
export function wrapText(
  text: string,
  width: number,
  breakLongWords: boolean,
  breakOnHyphens: boolean,
): string[] {
  if (width <= 0) throw valueError(`invalid width ${width} (must be > 0)`);
  const chunks = text.split(breakOnHyphens ? HYPHENS : BLANKS).filter((chunk) => chunk !== "");
  const lines: string[] = [];
  let at = 0;
  /** The letters of the chunk that was broken, and how many of them are used. */
  let broken: { readonly letters: readonly string[]; readonly used: number } | undefined;
  while (at < chunks.length) {
    const line: string[] = [];
    let size = 0;
    if (broken === undefined && (chunks[at] ?? "").trim() === "" && lines.length > 0) at++;
    for (; at < chunks.length; at++) {
      const chunk = chunks[at] ?? "";
      const length = broken === undefined ? textLength(chunk) : broken.letters.length - broken.used;
      if (size + length > width) break;
      line.push(broken === undefined ? chunk : broken.letters.slice(broken.used).join(""));
      broken = undefined;
      size += length;
    }
    const next = chunks[at];
    if (next !== undefined && (broken !== undefined || textLength(next) > width)) {
      const { letters, used } = broken ?? { letters: Array.from(next), used: 0 };
      if (breakLongWords) {
        const part = letters.slice(used, used + width - size);
        let end = part.length;
        const hyphen = breakOnHyphens ? part.lastIndexOf("-") : -1;
        if (hyphen > 0 && part.slice(0, hyphen).some((letter) => letter !== "-")) end = hyphen + 1;
        line.push(part.slice(0, end).join(""));
        broken = { letters, used: used + end };
      } else if (line.length === 0) {
        line.push(next);
        at++;
      }
    }
    if ((line.at(-1) ?? "").trim() === "" && line.length > 0) line.pop();
    if (line.length > 0) lines.push(line.join(""));
  }
  return lines;
}
