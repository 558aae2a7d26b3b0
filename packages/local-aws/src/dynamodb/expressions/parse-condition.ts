import { invalid } from "../values.ts";
import type { Parser } from "./parser.ts";
import type { Comparator, Condition, ConditionFunction, Operand } from "./syntax.ts";

const COMPARATORS: readonly Comparator[] = ["=", "<>", "<", "<=", ">", ">="];
const ARITY: Readonly<Record<ConditionFunction, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
};

/** condition: and-terms joined by OR. */
export function parseCondition(parser: Parser): Condition {
  let left = parseAnd(parser);
  while (parser.takeKeyword("OR")) left = { kind: "or", left, right: parseAnd(parser) };
  return left;
}

function parseAnd(parser: Parser): Condition {
  let left = parseNot(parser);
  while (parser.takeKeyword("AND")) left = { kind: "and", left, right: parseNot(parser) };
  return left;
}

function parseNot(parser: Parser): Condition {
  if (parser.takeKeyword("NOT")) return { kind: "not", condition: parseNot(parser) };
  if (parser.takeSymbol("(")) {
    const condition = parseCondition(parser);
    parser.expectSymbol(")");
    return condition;
  }
  const name = parser.functionName();
  return name === undefined || name === "size" ? parseComparison(parser) : parseCall(parser, name);
}

function parseCall(parser: Parser, name: string): Condition {
  if (!isConditionFunction(name)) {
    throw invalid(`Invalid ${parser.kind}: Invalid function name; function: ${name}`);
  }
  parser.next();
  parser.expectSymbol("(");
  const operands = [parseOperand(parser)];
  while (parser.takeSymbol(",")) operands.push(parseOperand(parser));
  parser.expectSymbol(")");
  if (operands.length !== ARITY[name]) {
    throw invalid(
      `Invalid ${parser.kind}: Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  }
  return { kind: "call", name, operands };
}

function parseComparison(parser: Parser): Condition {
  const operand = parseOperand(parser);
  if (parser.takeKeyword("BETWEEN")) {
    const low = parseOperand(parser);
    if (!parser.takeKeyword("AND")) throw parser.unexpected();
    return { kind: "between", operand, low, high: parseOperand(parser) };
  }
  if (parser.takeKeyword("IN")) {
    parser.expectSymbol("(");
    const list = [parseOperand(parser)];
    while (parser.takeSymbol(",")) list.push(parseOperand(parser));
    parser.expectSymbol(")");
    if (list.length > 100) {
      throw invalid(
        `Invalid ${parser.kind}: The IN operator is provided with too many operands; number of operands: ${list.length}`,
      );
    }
    return { kind: "in", operand, list };
  }
  const comparator = COMPARATORS.find((candidate) => parser.takeSymbol(candidate));
  if (comparator === undefined) throw parser.unexpected();
  return { kind: "compare", comparator, left: operand, right: parseOperand(parser) };
}

function parseOperand(parser: Parser): Operand {
  const name = parser.functionName();
  if (name === "size") {
    parser.next();
    parser.expectSymbol("(");
    const of = parseOperand(parser);
    parser.expectSymbol(")");
    return { kind: "size", of };
  }
  if (name !== undefined) {
    throw invalid(
      isConditionFunction(name)
        ? `Invalid ${parser.kind}: The function is not allowed to be used this way in an expression; function: ${name}`
        : `Invalid ${parser.kind}: Invalid function name; function: ${name}`,
    );
  }
  return parser.peek().kind === "value"
    ? { kind: "value", name: parser.value() }
    : { kind: "path", path: parser.path() };
}

function isConditionFunction(name: string): name is ConditionFunction {
  return Object.hasOwn(ARITY, name);
}
