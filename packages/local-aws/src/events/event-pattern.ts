import { isJsonObject, type JsonObject } from "../protocols/json.ts";

/** Whether an event matches. */
export type EventPattern = (event: unknown) => boolean;

/** Tests one value of an event; undefined when it is absent. */
type Matcher = (value: unknown) => boolean;

/**
 * Reads an event pattern: values, `prefix`, `suffix`, `equals-ignore-case`, `anything-but`, `exists`, `numeric`,
 * `wildcard`, `cidr` and `$or`. An array in the event matches when one of its values does.
 *
 * @throws {Error} with EventBridge's reason
 */
export function parseEventPattern(document: string): EventPattern {
  let pattern: unknown;
  try {
    pattern = JSON.parse(document);
  } catch {
    throw new Error("Filter is not an object");
  }
  if (!isJsonObject(pattern)) throw new Error("Filter is not an object");
  if (Object.keys(pattern).length === 0) throw new Error("Empty objects are not allowed");
  return parseFields(pattern);
}

function parseFields(pattern: JsonObject): EventPattern {
  const tests = Object.entries(pattern).map(([name, value]): EventPattern => {
    if (name === "$or") {
      if (!Array.isArray(value) || value.length < 2 || !value.every(isJsonObject)) {
        throw new Error("$or must be an array with at least 2 objects");
      }
      const ways = value.map((item) => parseFields(item));
      return (event) => ways.some((way) => way(event));
    }
    if (isJsonObject(value)) {
      if (Object.keys(value).length === 0) throw new Error("Empty objects are not allowed");
      const inner = parseFields(value);
      return (event) => some(member(event, name), (item) => inner(item));
    }
    if (!Array.isArray(value)) throw new Error(`"${name}" must be an object or an array`);
    if (value.length === 0) throw new Error("Empty arrays are not allowed");
    const matchers = value.map((item: unknown) => parseMatcher(item));
    return (event) =>
      some(member(event, name), (item) => matchers.some((matches) => matches(item)));
  });
  return (event) => tests.every((test) => test(event));
}

function member(event: unknown, name: string): unknown {
  return isJsonObject(event) && Object.hasOwn(event, name) ? event[name] : undefined;
}

/** A list stands for each of its values, and for an absent one when it is empty. */
function some(value: unknown, test: Matcher): boolean {
  if (!Array.isArray(value)) return test(value);
  return value.length === 0 ? test(undefined) : value.some((item) => test(item));
}

function parseMatcher(rule: unknown): Matcher {
  if (!isJsonObject(rule)) return (value) => value === rule;
  const [entry, ...others] = Object.entries(rule);
  if (entry === undefined || others.length > 0) throw unknownMatch(rule);
  const [name, operand] = entry;
  switch (name) {
    case "exists":
      if (typeof operand !== "boolean")
        throw new Error("exists match pattern must be either true or false.");
      return (value) => (value !== undefined) === operand;
    case "prefix":
      return affix(operand, rule, (text, part) => text.startsWith(part));
    case "suffix":
      return affix(operand, rule, (text, part) => text.endsWith(part));
    case "equals-ignore-case":
      return affix({ "equals-ignore-case": operand }, rule, (text, part) => text === part);
    case "wildcard":
      return affix(operand, rule, (text, part) => wildcard(part).test(text));
    case "anything-but":
      return anythingBut(operand, rule);
    case "numeric":
      return parseNumeric(operand);
    case "cidr":
      return affix(operand, rule, inCidr);
    default:
      throw unknownMatch(rule);
  }
}

function affix(
  operand: unknown,
  rule: unknown,
  test: (text: string, part: string) => boolean,
): Matcher {
  if (typeof operand === "string") {
    return (value) => typeof value === "string" && test(value, operand);
  }
  const part = isJsonObject(operand) ? operand["equals-ignore-case"] : undefined;
  if (typeof part !== "string") throw unknownMatch(rule);
  const small = part.toLowerCase();
  return (value) => typeof value === "string" && test(value.toLowerCase(), small);
}

function anythingBut(operand: unknown, rule: unknown): Matcher {
  const refused = isJsonObject(operand)
    ? Object.entries(operand).flatMap(([name, value]) =>
        (Array.isArray(value) ? value : [value]).map((item: unknown) =>
          parseMatcher({ [name]: item }),
        ),
      )
    : (Array.isArray(operand) ? operand : [operand]).map((item: unknown) => parseMatcher(item));
  if (refused.length === 0) throw unknownMatch(rule);
  return (value) => value !== undefined && !refused.some((matches) => matches(value));
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

function parseNumeric(operand: unknown): Matcher {
  const fault = new Error("Value of numeric must be an array of comparisons and numbers.");
  if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2 !== 0) throw fault;
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < operand.length; at += 2) {
    const compare = COMPARISONS[String(operand[at])];
    const bound: unknown = operand[at + 1];
    if (compare === undefined || typeof bound !== "number") throw fault;
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}

function wildcard(text: string): RegExp {
  const parts = text.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}

function inCidr(address: string, range: string): boolean {
  const [base = "", size = "32"] = range.split("/");
  const number = (text: string): number | undefined => {
    const bytes = text.split(".").map(Number);
    if (bytes.length !== 4 || bytes.some((byte) => !(byte >= 0 && byte <= 255))) return undefined;
    return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  };
  const [a, b] = [number(address), number(base)];
  if (a === undefined || b === undefined) return false;
  const block = 2 ** (32 - Number(size));
  return Math.floor(a / block) === Math.floor(b / block);
}

function unknownMatch(rule: unknown): Error {
  const name = isJsonObject(rule) ? (Object.keys(rule)[0] ?? "") : JSON.stringify(rule);
  return new Error(`Unrecognized match type ${name}`);
}
