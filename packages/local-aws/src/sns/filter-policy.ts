import { isJsonObject } from "../protocols/json.ts";
import { invalidParameter } from "./errors.ts";

type Condition = (value: unknown) => boolean;

/** Whether a message passes: `find` gives the values of a name, undefined when it is absent. */
export type FilterPolicy = (find: (path: readonly string[]) => unknown) => boolean;

/** Reads a filter policy; throws InvalidParameter for conditions that are not known. */
export function parseFilterPolicy(document: string): FilterPolicy {
  let policy: unknown;
  try {
    policy = JSON.parse(document);
  } catch {
    throw invalidParameter("FilterPolicy: failed to parse JSON.");
  }
  if (!isJsonObject(policy)) throw invalidParameter("FilterPolicy: must be an object.");
  return parseFields(policy, []);
}

function parseFields(
  policy: Readonly<Record<string, unknown>>,
  path: readonly string[],
): FilterPolicy {
  const fields = Object.entries(policy).map(([name, value]): FilterPolicy => {
    const here = [...path, name];
    if (Array.isArray(value)) {
      const conditions = value.map((item) => parseCondition(item));
      return (find) => {
        const found = find(here);
        const values = Array.isArray(found) && found.length > 0 ? found : [found];
        return conditions.some((condition) => values.some((item) => condition(item)));
      };
    }
    if (isJsonObject(value) && !name.startsWith("$")) return parseFields(value, here);
    throw invalidParameter(`FilterPolicy: "${name}" must be an object or an array`);
  });
  return (find) => fields.every((field) => field(find));
}

function parseCondition(rule: unknown): Condition {
  if (!isJsonObject(rule)) {
    if (rule === null || ["boolean", "number", "string"].includes(typeof rule)) {
      return (value) => value === rule;
    }
    throw unknownCondition(rule);
  }
  const [entry, ...others] = Object.entries(rule);
  if (entry === undefined || others.length > 0) throw unknownCondition(rule);
  const [name, operand] = entry;
  switch (name) {
    case "exists":
      return (value) => (value !== undefined) === operand;
    case "prefix":
      if (typeof operand !== "string") throw unknownCondition(rule);
      return (value) => typeof value === "string" && value.startsWith(operand);
    case "suffix":
      if (typeof operand !== "string") throw unknownCondition(rule);
      return (value) => typeof value === "string" && value.endsWith(operand);
    case "equals-ignore-case":
      if (typeof operand !== "string") throw unknownCondition(rule);
      return (value) => typeof value === "string" && value.toLowerCase() === operand.toLowerCase();
    case "anything-but": {
      const refused = (Array.isArray(operand) ? operand : [operand]).map((item) =>
        parseCondition(item),
      );
      return (value) => value !== undefined && !refused.some((condition) => condition(value));
    }
    case "numeric":
      return parseNumeric(operand);
    default:
      throw unknownCondition(rule);
  }
}

function parseNumeric(operand: unknown): Condition {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2 !== 0) {
    throw unknownCondition(operand);
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < operand.length; at += 2) {
    const operator: unknown = operand[at];
    const bound: unknown = operand[at + 1];
    const compare = typeof operator === "string" ? COMPARISONS[operator] : undefined;
    if (compare === undefined || typeof bound !== "number") throw unknownCondition(operand);
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

function unknownCondition(rule: unknown): Error {
  return invalidParameter(`FilterPolicy: Unrecognized match type ${JSON.stringify(rule)}`);
}
