import { LavaError } from "./errors.ts";

/** Options of {@link splitShellWords}. */
export interface ShellWordsOptions {
  /** `#` outside quotes starts a comment up to the end of the line, even inside a word (T-21). */
  readonly comments?: boolean;
}

/**
 * Splits text into words by POSIX shell rules: quotes and backslashes, no expansion, no globbing, comments only where
 * they are asked for (WK-100; the rules are those of Python's `shlex.split`).
 *
 * @throws {LavaError} BAD_SHELL_WORDS `No closing quotation`, `No escaped character`
 */
export function splitShellWords(
  text: string,
  { comments = false }: ShellWordsOptions = {},
): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? "";
    if (quote === "'") {
      if (char === "'") quote = "";
      else word += char;
    } else if (quote === '"') {
      if (char === '"') quote = "";
      else if (char === "\\") {
        const next = text[++i];
        if (next === undefined) throw bad("No escaped character");
        word += next === '"' || next === "\\" ? next : `\\${next}`;
      } else word += char;
    } else if (comments && char === "#") {
      const end = text.indexOf("\n", i);
      i = end < 0 ? text.length : end;
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (char === "\\") {
      const next = text[++i];
      if (next === undefined) throw bad("No escaped character");
      word = (word ?? "") + next;
    } else word = (word ?? "") + char;
  }
  if (quote !== "") throw bad("No closing quotation");
  if (word !== undefined) words.push(word);
  return words;
}

/** One word, quoted so that a POSIX shell reads it back unchanged (Python's `shlex.quote`). */
export function quoteShellWord(word: string): string {
  if (word === "") return "''";
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

function bad(message: string): LavaError {
  return new LavaError("BAD_SHELL_WORDS", message, { retry: "never" });
}
