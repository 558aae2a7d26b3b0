import { AwsError } from "../errors.ts";
import { isJsonObject } from "../protocols/json.ts";

/** Whether a message passes. */
export type FilterPattern = (message: string) => boolean;

/**
 * Reads a filter pattern: empty, words and quoted phrases that must all occur, or JSON conditions
 * `{ $.a = "x" && $.b.c != 1 }`. Others are refused.
 */
export function parseFilterPattern(pattern: string): FilterPattern {
  const text = pattern.trim();
  if (text === "") return () => true;
  if (text.startsWith("{")) return parseConditions(text);
  if (/^\[|^%|[?]/.test(text)) throw unknown(pattern);
  const terms = (text.match(/-?"(?:\\.|[^"])*"|\S+/g) ?? []).map((term) => {
    const isRefused = term.startsWith("-");
    const word = (isRefused ? term.slice(1) : term).replace(/^"|"$/g, "");
    return (message: string): boolean => message.includes(word) !== isRefused;
  });
  return (message) => terms.every((term) => term(message));
}

const CONDITION = /^\(?\s*\$((?:\.[\w-]+)+)\s*(=|!=|>=|<=|>|<)\s*("(?:\\.|[^"])*"|[\w.*-]+)\s*\)?$/;

function parseConditions(text: string): FilterPattern {
  if (!text.endsWith("}") || text.includes("||")) throw unknown(text);
  const conditions = text
    .slice(1, -1)
    .split("&&")
    .map((part) => {
      const match = CONDITION.exec(part.trim());
      if (match === null) throw unknown(text);
      const [, path = "", operator = "", written = ""] = match;
      const wanted = written.startsWith('"') ? written.slice(1, -1) : written;
      return (value: unknown): boolean => compare(find(value, path), operator, wanted);
    });
  return (message) => {
    let value: unknown;
    try {
      value = JSON.parse(message);
    } catch {
      return false;
    }
    return conditions.every((condition) => condition(value));
  };
}

function find(value: unknown, path: string): unknown {
  let at = value;
  for (const name of path.slice(1).split(".")) at = isJsonObject(at) ? at[name] : undefined;
  return at;
}

function compare(found: unknown, operator: string, wanted: string): boolean {
  if (found === undefined) return false;
  const pattern = new RegExp(
    `^${wanted.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`,
    "s",
  );
  switch (operator) {
    case "=":
      return pattern.test(String(found));
    case "!=":
      return !pattern.test(String(found));
    case ">":
      return Number(found) > Number(wanted);
    case ">=":
      return Number(found) >= Number(wanted);
    case "<":
      return Number(found) < Number(wanted);
    default:
      return Number(found) <= Number(wanted);
  }
}

function unknown(pattern: string): AwsError {
  return new AwsError("InvalidParameterException", `Invalid filter pattern: ${pattern}`);
}
