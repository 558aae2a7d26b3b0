import { AwsError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "./json.ts";

/** A member that has to be there. */
export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) {
    const member = name.charAt(0).toLowerCase() + name.slice(1);
    throw new AwsError(
      "ValidationException",
      `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
    );
  }
  return value;
}

/** A text member, if there. */
export function textOf(input: JsonObject, name: string): string | undefined {
  return member(input, name, (value) => typeof value === "string", "a string");
}

/** A boolean member, if there. */
export function booleanOf(input: JsonObject, name: string): boolean | undefined {
  return member(input, name, (value) => typeof value === "boolean", "a boolean");
}

/** A whole number, if there. */
export function integerOf(input: JsonObject, name: string): number | undefined {
  const isInteger = (value: unknown) => typeof value === "number" && Number.isInteger(value);
  return member(input, name, (value): value is number => isInteger(value), "an integer");
}

/** An object member, if there. */
export function objectOf(input: JsonObject, name: string): JsonObject | undefined {
  return member(input, name, isJsonObject, "an object");
}

/** A list of texts, if there. */
export function textsOf(input: JsonObject, name: string): readonly string[] | undefined {
  const isTexts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((item) => typeof item === "string");
  return member(input, name, isTexts, "a list of strings");
}

/** A list of objects, if there. */
export function objectsOf(input: JsonObject, name: string): readonly JsonObject[] | undefined {
  const isObjects = (value: unknown): value is JsonObject[] =>
    Array.isArray(value) && value.every(isJsonObject);
  return member(input, name, isObjects, "a list of objects");
}

/** A text member that is one of a few, if there. */
export function choiceOf<const T extends string>(
  input: JsonObject,
  name: string,
  choices: readonly T[],
): T | undefined {
  const value = textOf(input, name);
  if (value === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) {
    const memberName = name.charAt(0).toLowerCase() + name.slice(1);
    throw new AwsError(
      "ValidationException",
      `1 validation error detected: Value '${value}' at '${memberName}' failed to satisfy constraint: Member must satisfy enum value set: [${choices.join(", ")}]`,
    );
  }
  return choice;
}

function member<T>(
  input: JsonObject,
  name: string,
  is: (value: unknown) => value is T,
  expected: string,
): T | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (!is(value)) throw new AwsError("SerializationException", `${name} is not ${expected}`);
  return value;
}
