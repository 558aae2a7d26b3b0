import type { MigrationStep } from "./migration.ts";

/** Plain values that readers of YAML disagree on; how the original reads them, which lava keeps (WF-102). */
const WORDS: readonly (readonly [RegExp, (word: string) => string])[] = [
  [/^(?:[+-]?\d+:[0-5]?\d(?::[0-5]?\d)*)$/, (word) => `${word} is a number to the base 60`],
  [/^0[0-7]+$/, (word) => `${word} is the number ${Number.parseInt(word, 8)}, written in octal`],
  [/^[+-]?\d+[eE]\d+$/, (word) => `${word} is a text, not a number`],
];

/**
 * Values of a YAML file that do not mean what they may look like: `y` and `n`, which are texts and get quotes;
 * others are only told. Block values and comments are left alone.
 */
export function yamlWords(file: string, text: string): MigrationStep[] {
  const steps: MigrationStep[] = [];
  let isQuoted = false;
  const lines = text.split("\n").map((line, index) => {
    const [, head = "", word = "", tail = ""] =
      /^(\s*(?:- +)*(?:[\w.-]+: +|- +))([^\s#'"[{|>&*!<][^\s#]*)(\s*(?:#.*)?)$/.exec(line) ?? [];
    if (word === "") return line;
    if (/^[yYnN]$/.test(word)) {
      isQuoted = true;
      return `${head}"${word}"${tail}`;
    }
    const told = WORDS.find(([pattern]) => pattern.test(word))?.[1](word);
    if (told !== undefined) {
      const message = `${told}, here as in the original; quotes or another notation would say so`;
      steps.push({ code: "yaml_word", file, line: index + 1, message, kind: "note" });
    }
    return line;
  });
  if (isQuoted) {
    const message = "y and n are texts, not true and false: in quotes that is plain to see";
    steps.unshift({ code: "yaml_word", file, message, content: lines.join("\n") });
  }
  return steps;
}
