import { readToken, type Token } from "./tokens.ts";

/**
 * Splits SQL into statements by the rules of sqlparse 0.5 (T-45): at `;` outside of parentheses and blocks, and
 * after a line `GO`. Pieces are trimmed and keep their `;`; a lone `;` and a text of comments only are pieces too,
 * so that outputs are numbered as the original numbers them (JOB-sql-10).
 */
export function splitStatements(text: string): string[] {
  const sql = text.trim();
  const pieces: string[] = [];
  let block = newBlock();
  let start = 0;
  /** The statement has ended; only blanks and a comment on its line still belong to it. */
  let ended = false;
  for (let position = 0; position < sql.length;) {
    const token = readToken(sql, position);
    if (ended && token.kind !== "space" && token.kind !== "comment") {
      pieces.push(sql.slice(start, position).trim());
      start = position;
      block = newBlock();
      ended = false;
    }
    block.level += levelChange(token, block);
    if (token.kind === "go" || (token.kind === "semicolon" && block.level <= 0)) ended = true;
    position = token.end;
  }
  const rest = sql.slice(start).trim();
  return rest === "" ? pieces : [...pieces, rest];
}

/** Where in the structure of a statement we are. */
interface Block {
  level: number;
  inCreate: boolean;
  inCase: boolean;
  begins: number;
}

function newBlock(): Block {
  return { level: 0, inCreate: false, inCase: false, begins: 0 };
}

/** By how many levels a token takes us down into the structure (or, when negative, up). */
function levelChange(token: Token, block: Block): number {
  if (token.kind === "open") return 1;
  if (token.kind === "close") return -1;
  switch (token.word) {
    case "CREATE":
      block.inCreate = true;
      return 0;
    case "DECLARE":
      return block.inCreate && block.begins === 0 ? 1 : 0;
    case "BEGIN":
      block.begins += 1;
      // Outside of CREATE it begins a transaction.
      return block.inCreate ? 1 : 0;
    case "END":
      if (block.inCase) block.inCase = false;
      else block.begins = Math.max(0, block.begins - 1);
      return -1;
    case "END IF":
    case "END WHILE":
      return -1;
    case "CASE":
    case "IF":
    case "FOR":
    case "WHILE": {
      const counts = block.inCreate && block.begins > 0;
      if (counts && token.word === "CASE") block.inCase = true;
      return counts ? 1 : 0;
    }
    case undefined:
    default:
      return 0;
  }
}
