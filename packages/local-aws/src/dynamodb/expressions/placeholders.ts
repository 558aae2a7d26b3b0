import { objectOf } from "../../protocols/input.ts";
import type { JsonObject } from "../../protocols/json.ts";
import { type AttributeValue, invalid, type Item, parseItem } from "../values.ts";
import { parseCondition } from "./parse-condition.ts";
import { parseUpdate } from "./parse-update.ts";
import { Parser } from "./parser.ts";
import type { Condition, Parsed, Path, Update } from "./syntax.ts";
import type { ExpressionKind } from "./tokens.ts";

/** A path with its placeholders replaced. */
export type ResolvedPath = readonly (string | number)[];

/** ExpressionAttributeNames and -Values of one request, and which of them were used. */
export interface Placeholders {
  value(name: string): AttributeValue;
  path(path: Path): ResolvedPath;
}

/** The expressions of one request, parsed and checked against its placeholders. */
export interface Expressions extends Placeholders {
  condition(kind: ExpressionKind, source: string): Condition;
  update(source: string): Update;
  projection(source: string): readonly ResolvedPath[];
  /** Call when all are parsed: a placeholder that none uses is an error. */
  finish(): void;
}

/** Parsed expressions by their text; workers send the same few again and again. */
const parsed = new Map<string, Parsed<unknown>>();
const MAX_PARSED = 500;

/** Reads the placeholders of a request; `sources` are the expressions it may have. */
export function openExpressions(input: JsonObject, sources: readonly string[]): Expressions {
  const given = sources.filter((source) => input[source] !== undefined && input[source] !== null);
  const names = readNames(input, given.length > 0);
  const values = readValues(input, given, sources);
  const usedNames = new Set<string>();
  const usedValues = new Set<string>();

  function use<T>(kind: ExpressionKind, source: string, parse: (parser: Parser) => T): T {
    const { tree, names: someNames, values: someValues } = parseOnce(kind, source, parse);
    for (const name of someNames) {
      if (!names.has(name)) {
        throw invalid(
          `Invalid ${kind}: An expression attribute name used in the document path is not defined; attribute name: ${name}`,
        );
      }
      usedNames.add(name);
    }
    for (const value of someValues) {
      if (!Object.hasOwn(values, value)) {
        throw invalid(
          `Invalid ${kind}: An expression attribute value used in expression is not defined; attribute value: ${value}`,
        );
      }
      usedValues.add(value);
    }
    return tree;
  }

  function path(parts: Path): ResolvedPath {
    return parts.map((part) =>
      "index" in part ? part.index : part.name.startsWith("#") ? nameOf(part.name) : part.name,
    );
  }

  function nameOf(placeholder: string): string {
    const name = names.get(placeholder);
    if (name === undefined) throw new TypeError(`${placeholder} was not checked`);
    return name;
  }

  return {
    path,
    value(name) {
      const value = values[name];
      if (value === undefined) throw new TypeError(`${name} was not checked`);
      return value;
    },
    condition: (kind, source) => use(kind, source, parseCondition),
    update: (source) => use("UpdateExpression", source, parseUpdate),
    projection: (source) => use("ProjectionExpression", source, parsePaths).map(path),
    finish() {
      complain("Values", Object.keys(values), usedValues);
      complain("Names", [...names.keys()], usedNames);
    },
  };
}

function parseOnce<T>(
  kind: ExpressionKind,
  source: string,
  parse: (parser: Parser) => T,
): Parsed<T> {
  const key = `${kind} ${source}`;
  const known = parsed.get(key);
  // oxlint-disable-next-line no-unsafe-type-assertion -- the kind in the key determines the type
  if (known !== undefined) return known as Parsed<T>;
  const parser = new Parser(kind, source);
  const tree = parse(parser);
  parser.expectEnd();
  const result: Parsed<T> = { tree, names: parser.names, values: parser.values };
  if (parsed.size >= MAX_PARSED) parsed.clear();
  parsed.set(key, result);
  return result;
}

function parsePaths(parser: Parser): readonly Path[] {
  const paths = [parser.path()];
  while (parser.takeSymbol(",")) paths.push(parser.path());
  return paths;
}

function readNames(input: JsonObject, anyExpression: boolean): ReadonlyMap<string, string> {
  const given = objectOf(input, "ExpressionAttributeNames");
  if (given === undefined) return new Map();
  if (!anyExpression) {
    throw invalid("ExpressionAttributeNames can only be specified when using expressions");
  }
  const names = new Map<string, string>();
  for (const [key, value] of Object.entries(given)) {
    if (!/^#[A-Za-z0-9_]+$/.test(key)) {
      throw invalid(`ExpressionAttributeNames contains invalid key: Syntax error; key: "${key}"`);
    }
    if (typeof value !== "string") throw invalid("ExpressionAttributeNames must hold strings");
    names.set(key, value);
  }
  if (names.size === 0) throw invalid("ExpressionAttributeNames must not be empty");
  return names;
}

function readValues(input: JsonObject, given: readonly string[], sources: readonly string[]): Item {
  const values = objectOf(input, "ExpressionAttributeValues");
  if (values === undefined) return {};
  // A projection alone has no place for values.
  if (given.every((source) => source === "ProjectionExpression")) {
    const missing = sources.find((source) => source !== "ProjectionExpression");
    throw invalid(
      `ExpressionAttributeValues can only be specified when using expressions${missing === undefined ? "" : `: ${missing} is null`}`,
    );
  }
  for (const key of Object.keys(values)) {
    if (!/^:[A-Za-z0-9_]+$/.test(key)) {
      throw invalid(`ExpressionAttributeValues contains invalid key: Syntax error; key: "${key}"`);
    }
  }
  if (Object.keys(values).length === 0) {
    throw invalid("ExpressionAttributeValues must not be empty");
  }
  return parseItem(values);
}

function complain(what: string, all: readonly string[], used: ReadonlySet<string>): void {
  const unused = all.filter((name) => !used.has(name));
  if (unused.length > 0) {
    throw invalid(
      `Value provided in ExpressionAttribute${what} unused in expressions: keys: {${unused.join(", ")}}`,
    );
  }
}
