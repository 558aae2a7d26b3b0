import { invalid } from "../values.ts";
import type { Parser } from "./parser.ts";
import type { Path, SetValue, Update } from "./syntax.ts";

const CLAUSES = ["SET", "REMOVE", "ADD", "DELETE"] as const;

/** SET, REMOVE, ADD and DELETE, each at most once, in any order. */
export function parseUpdate(parser: Parser): Update {
  const set: { path: Path; value: SetValue }[] = [];
  const remove: Path[] = [];
  const add: { path: Path; value: string }[] = [];
  const del: { path: Path; value: string }[] = [];
  const seen = new Set<string>();

  while (parser.peek().kind !== "end") {
    const clause = CLAUSES.find((candidate) => parser.isKeyword(candidate));
    if (clause === undefined) throw parser.unexpected();
    if (seen.has(clause)) {
      throw invalid(
        `Invalid UpdateExpression: The "${clause}" section can only be used once in an update expression;`,
      );
    }
    seen.add(clause);
    parser.next();
    do {
      const path = parser.path();
      if (clause === "SET") {
        parser.expectSymbol("=");
        set.push({ path, value: parseSetValue(parser) });
      } else if (clause === "REMOVE") {
        remove.push(path);
      } else {
        (clause === "ADD" ? add : del).push({ path, value: parser.value() });
      }
    } while (parser.takeSymbol(","));
  }
  return { set, remove, add, delete: del };
}

function parseSetValue(parser: Parser): SetValue {
  const left = parseSetOperand(parser);
  for (const kind of ["+", "-"] as const) {
    if (parser.takeSymbol(kind)) return { kind, left, right: parseSetOperand(parser) };
  }
  return left;
}

function parseSetOperand(parser: Parser): SetValue {
  const name = parser.functionName();
  if (name !== undefined) {
    if (name !== "if_not_exists" && name !== "list_append") {
      throw invalid(`Invalid UpdateExpression: Invalid function name; function: ${name}`);
    }
    parser.next();
    parser.expectSymbol("(");
    if (name === "if_not_exists") {
      const path = parser.path();
      parser.expectSymbol(",");
      const otherwise = parseSetOperand(parser);
      parser.expectSymbol(")");
      return { kind: "if_not_exists", path, otherwise };
    }
    const left = parseSetOperand(parser);
    parser.expectSymbol(",");
    const right = parseSetOperand(parser);
    parser.expectSymbol(")");
    return { kind: "list_append", left, right };
  }
  if (parser.takeSymbol("(")) {
    const value = parseSetValue(parser);
    parser.expectSymbol(")");
    return value;
  }
  return parser.peek().kind === "value"
    ? { kind: "value", name: parser.value() }
    : { kind: "path", path: parser.path() };
}
