import {
  type AttributeValue,
  compareValues,
  elementsOf,
  invalid,
  isEqual,
  type Item,
  typeOf,
} from "../values.ts";
import { getAt } from "./document.ts";
import type { Placeholders } from "./placeholders.ts";
import type { Comparator, Condition, Operand } from "./syntax.ts";
import type { ExpressionKind } from "./tokens.ts";

const TYPE_NAMES = new Set(["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"]);

/** Whether an item (empty when there is none) meets a condition. */
export function meets(item: Item, condition: Condition, placeholders: Placeholders): boolean {
  const valueOf = (operand: Operand) => evaluate(item, operand, placeholders);
  switch (condition.kind) {
    case "and":
      return (
        meets(item, condition.left, placeholders) && meets(item, condition.right, placeholders)
      );
    case "or":
      return (
        meets(item, condition.left, placeholders) || meets(item, condition.right, placeholders)
      );
    case "not":
      return !meets(item, condition.condition, placeholders);
    case "compare":
      return compare(condition.comparator, valueOf(condition.left), valueOf(condition.right));
    case "between": {
      const value = valueOf(condition.operand);
      return (
        compare("<=", valueOf(condition.low), value) &&
        compare("<=", value, valueOf(condition.high))
      );
    }
    case "in": {
      const value = valueOf(condition.operand);
      return condition.list.some((operand) => compare("=", value, valueOf(operand)));
    }
    case "call":
      return call(condition.name, condition.operands.map(valueOf));
  }
  return condition satisfies never;
}

function evaluate(
  item: Item,
  operand: Operand,
  placeholders: Placeholders,
): AttributeValue | undefined {
  if (operand.kind === "path") return getAt(item, placeholders.path(operand.path));
  if (operand.kind === "value") return placeholders.value(operand.name);
  const value = evaluate(item, operand.of, placeholders);
  const size = value === undefined ? undefined : sizeOf(value);
  return size === undefined ? undefined : { N: String(size) };
}

function sizeOf(value: AttributeValue): number | undefined {
  if ("S" in value) return value.S.length;
  if ("B" in value) return Buffer.byteLength(value.B, "base64");
  if ("L" in value) return value.L.length;
  if ("M" in value) return Object.keys(value.M).length;
  return elementsOf(value)?.length;
}

function compare(
  comparator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  if (comparator === "<>") {
    return left === undefined || right === undefined ? left !== right : !isEqual(left, right);
  }
  if (left === undefined || right === undefined) return false;
  if (comparator === "=") return isEqual(left, right);
  const order = compareValues(left, right);
  if (order === undefined) return false;
  if (comparator === "<") return order < 0;
  if (comparator === "<=") return order <= 0;
  return comparator === ">" ? order > 0 : order >= 0;
}

function call(name: string, [first, second]: readonly (AttributeValue | undefined)[]): boolean {
  if (name === "attribute_exists") return first !== undefined;
  if (name === "attribute_not_exists") return first === undefined;
  if (first === undefined || second === undefined) return false;
  if (name === "attribute_type") return "S" in second && typeOf(first) === second.S;
  return name === "begins_with" ? beginsWith(first, second) : contains(first, second);
}

function beginsWith(value: AttributeValue, prefix: AttributeValue): boolean {
  if ("S" in value && "S" in prefix) return value.S.startsWith(prefix.S);
  if (!("B" in value && "B" in prefix)) return false;
  const start = Buffer.from(prefix.B, "base64");
  return Buffer.from(value.B, "base64").subarray(0, start.length).equals(start);
}

function contains(value: AttributeValue, part: AttributeValue): boolean {
  if ("S" in value) return "S" in part && value.S.includes(part.S);
  if ("B" in value) {
    return "B" in part && Buffer.from(value.B, "base64").includes(Buffer.from(part.B, "base64"));
  }
  if ("L" in value) return value.L.some((item) => isEqual(item, part));
  if ("SS" in value) return "S" in part && value.SS.includes(part.S);
  if ("NS" in value) return "N" in part && value.NS.includes(part.N);
  return "BS" in value && "B" in part && value.BS.includes(part.B);
}

/** What is wrong whatever the item: types of placeholders, operands that are the same. */
export function checkCondition(
  kind: ExpressionKind,
  condition: Condition,
  placeholders: Placeholders,
): void {
  const literal = (operand: Operand | undefined) =>
    operand?.kind === "value" ? placeholders.value(operand.name) : undefined;
  const fail = (name: string, type: string) =>
    invalid(
      `Invalid ${kind}: Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
    );
  const expectOrdered = (name: string, operands: readonly Operand[]) => {
    for (const operand of operands) {
      const value = literal(operand);
      if (value !== undefined && !("S" in value || "N" in value || "B" in value)) {
        throw fail(name, typeOf(value));
      }
    }
  };

  switch (condition.kind) {
    case "and":
    case "or":
      checkCondition(kind, condition.left, placeholders);
      checkCondition(kind, condition.right, placeholders);
      return;
    case "not":
      checkCondition(kind, condition.condition, placeholders);
      return;
    case "compare": {
      const { comparator, left, right } = condition;
      expectDistinct(kind, comparator, left, [right], placeholders);
      if (comparator !== "=" && comparator !== "<>") expectOrdered(comparator, [left, right]);
      return;
    }
    case "between": {
      const { operand, low, high } = condition;
      expectOrdered("BETWEEN", [operand, low, high]);
      const [from, to] = [literal(low), literal(high)];
      if (from === undefined || to === undefined) return;
      const order = compareValues(from, to);
      if (order === undefined) {
        throw invalid(
          `Invalid ${kind}: The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {${typeOf(from)}:...}, upper bound operand: AttributeValue: {${typeOf(to)}:...}`,
        );
      }
      if (order > 0) {
        throw invalid(
          `Invalid ${kind}: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: ${JSON.stringify(from)}, upper bound operand: AttributeValue: ${JSON.stringify(to)}`,
        );
      }
      return;
    }
    case "in":
      expectDistinct(kind, "IN", condition.operand, condition.list, placeholders);
      return;
    case "call": {
      const { name, operands } = condition;
      const [first, second] = operands;
      if (name !== "contains" && name !== "begins_with" && first?.kind !== "path") {
        throw invalid(
          `Invalid ${kind}: Operator or function requires a document path; operator or function: ${name}`,
        );
      }
      const value = literal(second);
      if (value === undefined) return;
      if (name === "begins_with" && !("S" in value || "B" in value))
        throw fail(name, typeOf(value));
      if (name === "attribute_type") {
        if (!("S" in value)) throw fail(name, typeOf(value));
        if (!TYPE_NAMES.has(value.S)) {
          throw invalid(
            `Invalid ${kind}: Invalid attribute type name found; type: ${value.S}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
          );
        }
      }
    }
  }
}

function expectDistinct(
  kind: ExpressionKind,
  name: string,
  first: Operand,
  rest: readonly Operand[],
  placeholders: Placeholders,
): void {
  if (first.kind !== "path") return;
  const path = JSON.stringify(placeholders.path(first.path));
  for (const operand of rest) {
    if (operand.kind === "path" && JSON.stringify(placeholders.path(operand.path)) === path) {
      throw invalid(
        `Invalid ${kind}: The first operand must be distinct from the remaining operands for this operator or function; operator: ${name}, first operand: ${path}`,
      );
    }
  }
}

/** The top-level attributes that a condition looks at. */
export function attributesIn(condition: Condition, placeholders: Placeholders): Set<string> {
  const found = new Set<string>();
  const visit = (operand: Operand): void => {
    if (operand.kind === "size") visit(operand.of);
    else if (operand.kind === "path") found.add(String(placeholders.path(operand.path)[0]));
  };
  const walk = (node: Condition): void => {
    switch (node.kind) {
      case "and":
      case "or":
        walk(node.left);
        walk(node.right);
        return;
      case "not":
        walk(node.condition);
        return;
      case "compare":
        [node.left, node.right].forEach(visit);
        return;
      case "between":
        [node.operand, node.low, node.high].forEach(visit);
        return;
      case "in":
        [node.operand, ...node.list].forEach(visit);
        return;
      case "call":
        node.operands.forEach(visit);
    }
  };
  walk(condition);
  return found;
}
