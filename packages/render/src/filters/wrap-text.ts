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
  const rest = [...chunks];
  while (at < rest.length) {
    const line: string[] = [];
    let size = 0;
    if ((rest[at] ?? "").trim() === "" && lines.length > 0) at++;
    for (; at < rest.length; at++) {
      const chunk = rest[at] ?? "";
      if (size + textLength(chunk) > width) break;
      line.push(chunk);
      size += textLength(chunk);
    }
    const next = rest[at];
    if (next !== undefined && textLength(next) > width) {
      const room = width - size;
      if (breakLongWords) {
        const letters = Array.from(next);
        let end = room;
        const hyphen = breakOnHyphens ? letters.slice(0, room).lastIndexOf("-") : -1;
        if (hyphen > 0 && letters.slice(0, hyphen).some((letter) => letter !== "-"))
          end = hyphen + 1;
        line.push(letters.slice(0, end).join(""));
        rest[at] = letters.slice(end).join("");
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
