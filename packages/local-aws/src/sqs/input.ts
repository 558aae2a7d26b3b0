import { isJsonObject, type JsonObject } from "../protocols/json.ts";
import { invalidParameter, missingParameter } from "./errors.ts";

/** A text that may be left out. */
export function optionalString(input: JsonObject, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalidParameter(`${name} must be a string.`);
  return value;
}

/** A text that must be there. */
export function requiredString(input: JsonObject, name: string): string {
  const value = optionalString(input, name);
  if (value === undefined || value === "") throw missingParameter(name);
  return value;
}

/** A whole number between two limits, or undefined; the query protocol sends it as text. */
export function optionalInteger(
  input: JsonObject,
  name: string,
  min: number,
  max: number,
): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number) || number < min || number > max) {
    throw invalidParameter(
      `Value ${typeof value === "string" ? value : JSON.stringify(value)} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}, if provided.`,
    );
  }
  return number;
}

/** A list of texts; empty when left out. */
export function stringList(input: JsonObject, name: string): string[] {
  return list(input, name).map((value) => {
    if (typeof value !== "string") throw invalidParameter(`${name} must hold strings.`);
    return value;
  });
}

/** A list of structures; empty when left out. */
export function objectList(input: JsonObject, name: string): JsonObject[] {
  return list(input, name).map((value) => {
    if (!isJsonObject(value)) throw invalidParameter(`${name} must hold structures.`);
    return value;
  });
}

/** A structure that may be left out. */
export function optionalObject(input: JsonObject, name: string): JsonObject | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw invalidParameter(`${name} must be a structure.`);
  return value;
}

/** A map of texts; empty when left out. */
export function stringMap(input: JsonObject, name: string): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [key, value] of Object.entries(optionalObject(input, name) ?? {})) {
    if (typeof value !== "string") throw invalidParameter(`${name}.${key} must be a string.`);
    result[key] = value;
  }
  return result;
}

function list(input: JsonObject, name: string): readonly unknown[] {
  const value = input[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidParameter(`${name} must be a list.`);
  return value;
}
