import { characters } from "./text.ts";

const CASED = /[\p{Uppercase}\p{Lowercase}\p{Lt}]/u;
const UPPER = /[\p{Uppercase}]/u;
const LOWER = /[\p{Lowercase}]/u;
const TITLE = /\p{Lt}/u;

/** Letters whose title case is neither upper nor lower. */
const DIGRAPHS: ReadonlyMap<string, string> = new Map(
  ["Ǆǅǆ", "Ǉǈǉ", "Ǌǋǌ", "Ǳǲǳ"].flatMap((group) => {
    const [upper = "", title = "", lower = ""] = group;
    return [upper, title, lower].map((letter) => [letter, title] as const);
  }),
);

/** `str.title`. */
export function titleCase(text: string): string {
  let inside = false;
  let out = "";
  let at = 0;
  for (const character of text) {
    out += inside ? lowerAt(text, at, character) : titleCharacter(character);
    inside = CASED.test(character);
    at += character.length;
  }
  return out;
}

/** Lower case of a letter at a place: a sigma at the end of a word has its own. */
function lowerAt(text: string, at: number, character: string): string {
  if (character !== "Σ") return character.toLowerCase();
  const before = text.slice(Math.max(0, at - 64), at).replace(/[\p{Case_Ignorable}]+$/u, "");
  const after = text.slice(at + 1, at + 65).replace(/^[\p{Case_Ignorable}]+/u, "");
  const isCased = (letter: string | undefined): boolean =>
    letter !== undefined && CASED.test(letter);
  return isCased(Array.from(before).at(-1)) && !isCased(Array.from(after)[0]) ? "ς" : "σ";
}

/** `str.capitalize`. */
export function capitalize(text: string): string {
  const [first = ""] = text;
  const lower = text.includes("Σ")
    ? Array.from(text, (character, at) => lowerAt(text, at, character))
        .slice(1)
        .join("")
    : text.slice(first.length).toLowerCase();
  return titleCharacter(first) + lower;
}

/** Upper case of a first letter: of `ß` only the first of its two. */
function titleCharacter(character: string): string {
  if (character === "ŉ") return "ʼN";
  const digraph = DIGRAPHS.get(character);
  if (digraph !== undefined) return digraph;
  const upper = character.toUpperCase();
  const [first = "", ...rest] = Array.from(upper);
  return rest.length === 0 ? upper : first + rest.join("").toLowerCase();
}

/** `str.swapcase`. */
export const swapCase = (text: string): string =>
  characters(text)
    .map((character) => (UPPER.test(character) ? character.toLowerCase() : character.toUpperCase()))
    .join("");

/** `str.casefold`: letters of one sound fall together. */
export const caseFold = (text: string): string =>
  Array.from(text, (character) => {
    if (character === "ẞ" || character === "ß") return "ss";
    if (character === "ς") return "σ";
    const upper = character.toUpperCase();
    return UPPER_FOLDS.test(character) ? upper.toLowerCase() : character.toLowerCase();
  }).join("");

/** Letters that fold by way of their upper case. */
const UPPER_FOLDS = /[µſŉǰΐΰևẖ-ẛﬀ-ﬆﬓ-ﬗ]/;

/** `str.isupper`. */
export function isUpper(text: string): boolean {
  const all = characters(text);
  return all.some((c) => UPPER.test(c)) && !all.some((c) => LOWER.test(c) || TITLE.test(c));
}

/** `str.islower`. */
export function isLower(text: string): boolean {
  const all = characters(text);
  return all.some((c) => LOWER.test(c)) && !all.some((c) => UPPER.test(c) || TITLE.test(c));
}

/** `str.istitle`. */
export function isTitle(text: string): boolean {
  let inside = false;
  let cased = false;
  for (const character of text) {
    if (UPPER.test(character) || TITLE.test(character)) {
      if (inside) return false;
      inside = true;
      cased = true;
    } else if (LOWER.test(character)) {
      if (!inside) return false;
      cased = true;
    } else inside = false;
  }
  return cased;
}
