import { invalid } from "../values.ts";

/** A piece of an expression. */
export interface Token {
  readonly kind: "word" | "name" | "value" | "index" | "symbol" | "end";
  readonly text: string;
  readonly at: number;
}

/** Which of the parameters an expression is, as error texts name it. */
export type ExpressionKind =
  | "ConditionExpression"
  | "FilterExpression"
  | "KeyConditionExpression"
  | "ProjectionExpression"
  | "UpdateExpression";

const TOKEN =
  /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|([0-9]+)|(<>|<=|>=|[=<>(),.[\]+-]))/y;
const MAX_BYTES = 4096;

/** Cuts an expression into tokens; ends with one of kind `end`. */
export function tokenize(kind: ExpressionKind, source: string): readonly Token[] {
  if (source.trim() === "") throw invalid(`Invalid ${kind}: The expression can not be empty;`);
  const size = Buffer.byteLength(source);
  if (size > MAX_BYTES) {
    throw invalid(
      `Invalid ${kind}: Expression size has exceeded the maximum allowed size; expression size: ${size}`,
    );
  }
  const tokens: Token[] = [];
  const end = source.trimEnd().length;
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex;
    const match = pattern.exec(source);
    if (match === null) {
      const rest = source.slice(at).trimStart();
      throw syntaxError(kind, rest.charAt(0), source.slice(Math.max(0, at - 8), at + 8).trim());
    }
    const [, word, name, value, index, symbol] = match;
    tokens.push(
      word !== undefined
        ? { kind: "word", text: word, at }
        : name !== undefined
          ? { kind: "name", text: name, at }
          : value !== undefined
            ? { kind: "value", text: value, at }
            : index !== undefined
              ? { kind: "index", text: index, at }
              : { kind: "symbol", text: symbol ?? "", at },
    );
  }
  tokens.push({ kind: "end", text: "<EOF>", at: end });
  return tokens;
}

/** The service's text for something that does not belong where it stands. */
export function syntaxError(kind: ExpressionKind, token: string, near: string): Error {
  return invalid(`Invalid ${kind}: Syntax error; token: "${token}", near: "${near}"`);
}
