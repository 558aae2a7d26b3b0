/** Cuts a date text into words, numbers and single characters, as dateutil does. */
export function dateTokens(text: string): string[] {
  const tokens: string[] = [];
  const clean = text.replaceAll("\0", "");
  let at = 0;
  while (at < clean.length) {
    const rest = clean.slice(at);
    const word = /^\p{L}/u.test(rest) ? WORD.exec(rest) : null;
    const number = word === null ? NUMBER.exec(rest) : null;
    const run = word?.[0] ?? number?.[0];
    if (run === undefined) {
      const character = Array.from(rest)[0] ?? "";
      tokens.push(/^\s$/u.test(character) ? " " : character);
      at += character.length;
      continue;
    }
    const { token, length } = scan(rest);
    at += length;
    tokens.push(...token);
  }
  return tokens;
}

const WORD = /^\p{L}+/u;
const NUMBER = /^\p{Nd}+/u;
const isLetter = (character: string): boolean => /^\p{L}$/u.test(character);
const isDigit = (character: string): boolean => /^\p{Nd}$/u.test(character);

/** One run of letters, digits and dots; dots part words but are decimal points of numbers. */
function scan(text: string): { token: string[]; length: number } {
  let token = "";
  let state: "" | "a" | "0" | "a." | "0." = "";
  let letters = false;
  for (const character of text) {
    if (state === "") {
      token = character;
      state = isLetter(character) ? "a" : "0";
      continue;
    }
    if (state === "a" || state === "a.") letters = true;
    if (state === "a" && isLetter(character)) token += character;
    else if (state === "a" && character === ".") {
      token += character;
      state = "a.";
    } else if (state === "0" && isDigit(character)) token += character;
    else if (state === "0" && (character === "." || (character === "," && token.length >= 2))) {
      token += character;
      state = "0.";
    } else if (state === "a." && (character === "." || isLetter(character))) token += character;
    else if (state === "a." && isDigit(character) && token.endsWith(".")) {
      token += character;
      state = "0.";
    } else if (state === "0." && (character === "." || isDigit(character))) token += character;
    else if (state === "0." && isLetter(character) && token.endsWith(".")) {
      token += character;
      state = "a.";
    } else break;
  }
  const length = token.length;
  const dotted = state === "a." || state === "0.";
  if (dotted && (letters || token.split(".").length > 2 || /[.,]$/.test(token))) {
    return { token: token.split(/([.,])/).filter((part) => part !== ""), length };
  }
  if (state === "0." && !token.includes(".")) token = token.replaceAll(",", ".");
  return { token: [token], length };
}
