import { type Data, DecimalValue, FloatValue } from "./data.ts";
import { LavaError, errorText } from "./errors.ts";

/**
 * Parses JSON as Python reads it: `1` is an int and `1.0` a float (a {@link FloatValue} when whole), ints of any
 * size are kept, and `NaN`, `Infinity` are accepted (WF-002).
 *
 * @throws {LavaError} INVALID_JSON
 */
export function parseJson(text: string): Data {
  try {
    return parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) {
      throw new LavaError("INVALID_JSON", errorText(error), { cause: error, retry: "never" });
    }
  }
  try {
    return restoreConstants(parse(quoteConstants(text)));
  } catch (error) {
    throw new LavaError("INVALID_JSON", errorText(error), { cause: error, retry: "never" });
  }
}

const MARK = "\u0000lava:";

function parse(text: string): Data {
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value !== "number" || context?.source === undefined) return value;
    if (/[.eE]/.test(context.source))
      return Number.isInteger(value) ? new FloatValue(value) : value;
    return Number.isSafeInteger(value) ? value : BigInt(context.source);
  };
  return JSON.parse(text, reviver);
}

/** Puts the constants that JSON does not have into marked strings. */
function quoteConstants(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
    token.startsWith('"') ? token : JSON.stringify(`${MARK}${token}`),
  );
}

function restoreConstants(value: Data): Data {
  if (typeof value === "string")
    return value.startsWith(MARK) ? Number(value.slice(MARK.length)) : value;
  if (Array.isArray(value)) return value.map((item: Data) => restoreConstants(item));
  if (value === null || typeof value !== "object") return value;
  if (value instanceof FloatValue || value instanceof DecimalValue || value instanceof Uint8Array)
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, restoreConstants(item)]),
  );
}
