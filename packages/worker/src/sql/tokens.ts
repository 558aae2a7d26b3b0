/** What a piece of SQL is, as far as splitting into statements is concerned. */
export type TokenKind =
  | "space"
  | "comment"
  | "semicolon"
  | "open"
  | "close"
  | "go"
  | "keyword"
  | "other";

/** A piece of SQL. */
export interface Token {
  readonly kind: TokenKind;
  /** Index after its last character. */
  readonly end: number;
  /** Upper case, keywords only. */
  readonly word?: Keyword;
}

/** The words that open, close or mark a block. */
export type Keyword =
  | "CREATE"
  | "DECLARE"
  | "BEGIN"
  | "END"
  | "END IF"
  | "END WHILE"
  | "IF"
  | "FOR"
  | "WHILE"
  | "CASE";

const BLOCK_WORDS: ReadonlySet<string> = new Set(["DECLARE", "BEGIN", "IF", "FOR", "WHILE"]);
const WORD = "[\\p{L}\\p{N}_]";
const LETTER = "[a-zA-Zà-üÀ-Ü]";

const lineComment = /(?:--|# ).*?(?:\r\n|\r|\n|$)/suy;
const blockComment = /\/\*.*?\*\//suy;
const variable = new RegExp(`(?:[$:]|\\\\)${WORD}+`, "uy");
const percentMark = new RegExp(`%(?:\\(${WORD}+\\))?s`, "iuy");
const temporaryName = new RegExp(`(?:@|##|#)${LETTER}${WORD}+`, "uy");
const bracketName = /\[[^\][]+\]/uy;
const caseWord = new RegExp(`(?:CASE|IN|VALUES|USING|FROM|AS)(?!${WORD})`, "iuy");
const plainName = new RegExp(`${LETTER}${WORD}*(?=\\s*\\.|\\()`, "uy");
const nameAfterDot = new RegExp(`${LETTER}${WORD}*`, "uy");
/** Words that end before a `#` or `$`, which are part of other words. */
const phrase = new RegExp(
  `(?:JOIN|ASC|DESC|(?:NOT\\s+)?(?:LIKE|ILIKE|RLIKE|REGEXP)|NOT\\s+NULL|NULLS\\s+(?:FIRST|LAST)|UNION\\s+ALL|GROUP\\s+BY|ORDER\\s+BY|PRIMARY\\s+KEY|DOUBLE\\s+PRECISION)(?!${WORD})`,
  "iuy",
);
const number = new RegExp(
  `-?0x[\\da-f]+|-?\\d+(?:\\.\\d+)?e-?\\d+|-?(?:\\d+\\.\\d*|\\.\\d+|\\d+)(?!_|${LETTER})`,
  "iuy",
);
const endWord = new RegExp(`END(?:\\s+IF|\\s+LOOP|\\s+WHILE)?(?!${WORD})`, "iuy");
const createWord = new RegExp(`CREATE(?:\\s+OR\\s+REPLACE)?(?!${WORD})`, "iuy");
const handlerFor = new RegExp(`HANDLER\\s+FOR(?!${WORD})`, "iuy");
const goWord = new RegExp(`GO\\s\\d+(?!${WORD})`, "iuy");
const anyWord = new RegExp(`${WORD}[$#\\p{L}\\p{N}_]*`, "uy");
const dollarMark = new RegExp(`\\$(?:(?:_|${LETTER})${WORD}*)?\\$`, "uy");
const operator = /[<>=~!]+|->>?|#>>?|@>|<@|#?-|[+/@#%^&|^-]+/uy;
const wordCharacter = new RegExp(WORD, "u");

/** The token at `start`. */
export function readToken(sql: string, start: number): Token {
  const char = sql[start] ?? "";
  const before = sql[start - 1] ?? "";
  const match = (pattern: RegExp): number => {
    pattern.lastIndex = start;
    return pattern.test(sql) ? pattern.lastIndex : 0;
  };
  const other = (end: number): Token => ({ kind: "other", end });

  const comment = match(lineComment);
  // `--+` is a hint to the optimiser: it belongs to what follows.
  if (comment > 0) return { kind: sql[start + 2] === "+" ? "other" : "comment", end: comment };
  if (/\s/.test(char)) return { kind: isLineBreak(char) ? "other" : "space", end: start + 1 };
  if (char === ";") return { kind: "semicolon", end: start + 1 };
  if (char === "(") return { kind: "open", end: start + 1 };
  if (char === ")") return { kind: "close", end: start + 1 };
  const hidden = match(blockComment) || quotedEnd(sql, start) || dollarEnd(sql, start, before);
  if (hidden > 0) return other(hidden);
  const percent = match(percentMark);
  if (percent > 0) return other(percent);
  if (char === "?" || char === "*") return other(start + 1);
  if (sql.startsWith("::", start) || sql.startsWith(":=", start)) return other(start + 2);
  if (char === "\\" || !wordCharacter.test(before)) {
    const end = match(variable);
    if (end > 0) return other(end);
  }
  const name = match(temporaryName);
  if (name > 0) return other(name);
  if (char === "[" && !/[\])]/.test(before) && !wordCharacter.test(before)) {
    const end = match(bracketName);
    if (end > 0) return other(end);
  }
  const numeric = match(number);
  if (numeric > 0) return other(numeric);
  if (wordCharacter.test(codePoint(sql, start))) return readWord(sql, start, before, match);
  return other(match(operator) || start + codePoint(sql, start).length);
}

function readWord(
  sql: string,
  start: number,
  before: string,
  match: (pattern: RegExp) => number,
): Token {
  const keyword = (end: number, word: Keyword): Token => ({ kind: "keyword", end, word });
  const special = match(caseWord);
  if (special > 0) {
    const isCase = sql.slice(start, special).toUpperCase() === "CASE";
    return isCase ? keyword(special, "CASE") : { kind: "other", end: special };
  }
  // A name before a dot, after one, or of a function is no keyword.
  const name = match(plainName) || (before === "." ? match(nameAfterDot) : 0);
  if (name > 0) return { kind: "other", end: name };
  const ended = match(endWord);
  if (ended > 0) {
    const word = sql.slice(start, ended).toUpperCase();
    if (word === "END" || word === "END IF" || word === "END WHILE") return keyword(ended, word);
    return { kind: "other", end: ended };
  }
  const created = match(createWord);
  if (created > 0) return keyword(created, "CREATE");
  const handled = match(handlerFor) || match(phrase);
  if (handled > 0) return { kind: "other", end: handled };
  const going = match(goWord);
  if (going > 0) return { kind: sql.startsWith("GO", start) ? "go" : "other", end: going };
  const end = match(anyWord);
  const word = sql.slice(start, end);
  if (word === "GO") return { kind: "go", end };
  const upper = word.toUpperCase();
  return isBlockWord(upper) ? keyword(end, upper) : { kind: "other", end };
}

function isBlockWord(word: string): word is "DECLARE" | "BEGIN" | "IF" | "FOR" | "WHILE" {
  return BLOCK_WORDS.has(word);
}

function isLineBreak(char: string): boolean {
  return char === "\n" || char === "\r";
}

function codePoint(sql: string, index: number): string {
  return String.fromCodePoint(sql.codePointAt(index) ?? 0);
}

/**
 * End of a quoted text or name at `start`, 0 when there is none. Doubled quotes are part of it, and in `'` and `"`
 * those after a backslash; when it is not closed otherwise, the last of these closes it.
 */
function quotedEnd(sql: string, start: number): number {
  const quote = sql[start] ?? "";
  if (!"'\"`´".includes(quote) || quote === "") return 0;
  const backslash = quote === "'" || quote === '"';
  let fallback = 0;
  for (let i = start + 1; i < sql.length; i += 1) {
    if (sql[i] === quote) {
      if (sql[i + 1] !== quote) return i + 1;
      fallback = i + 1;
      i += 1;
    } else if (backslash && sql[i] === "\\" && sql[i + 1] === quote) {
      fallback = i + 2;
      i += 1;
    }
  }
  return fallback;
}

/** End of a dollar-quoted body at `start`, 0 when there is none. */
function dollarEnd(sql: string, start: number, before: string): number {
  if (sql[start] !== "$" || before === "$" || before === '"' || wordCharacter.test(before))
    return 0;
  dollarMark.lastIndex = start;
  const mark = dollarMark.exec(sql)?.[0];
  if (mark === undefined) return 0;
  const closing = new RegExp(mark.replaceAll("$", "\\$"), "giu");
  closing.lastIndex = start + mark.length;
  return closing.test(sql) ? closing.lastIndex : 0;
}
