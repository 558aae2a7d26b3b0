import { type Issue, suggest } from "@lava/core";
import type * as z from "zod";
import { kindOf, valueAt } from "./issue-text.ts";
import { allowedFields, variantsOf } from "./schema-walk.ts";

/** Path of a field in a record. */
export type IssuePath = readonly (string | number)[];

/** Where a field stands in a file. */
export interface Location {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** Tells where the field at a path stands, or the nearest thing around it. */
export type Locate = (path: IssuePath) => Location | undefined;

/** What {@link issuesFromZod} may be told. */
export interface IssueOptions {
  /** The schema: for "did you mean". */
  readonly schema?: z.core.$ZodType;
  /** What was checked: tells a missing field from a wrong one. */
  readonly data?: unknown;
  readonly locate?: Locate | undefined;
  /** Words that plug-ins add to those of the schema at a place. */
  readonly more?: (path: IssuePath) => readonly string[];
}

/** The faults that zod found, one issue a field, as lava reports them. Sorted by place, without repeats. */
export function issuesFromZod(
  error: { readonly issues: readonly z.core.$ZodIssue[] },
  options: IssueOptions = {},
): Issue[] {
  const issues = error.issues.flatMap((issue) => convert(issue, [], options));
  const seen = new Map<string, Issue>();
  for (const issue of issues) {
    const key = JSON.stringify([issue.path, issue.message]);
    if (!seen.has(key)) seen.set(key, { ...issue, ...located(issue.path, options.locate) });
  }
  return inFileOrder([...seen.values()]);
}

function convert(issue: z.core.$ZodIssue, base: IssuePath, options: IssueOptions): Issue[] {
  const path = [
    ...base,
    ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part)),
  ];
  const value = valueAt(options.data, path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownField(path, key, options));
    case "invalid_union":
      return fromUnion(issue, path, value, options);
    case "invalid_key":
      return issue.issues.flatMap((inner) => [
        { path, code: "invalid_name", message: inner.message },
      ]);
    case "invalid_element":
      return issue.issues.flatMap((inner) => convert(inner, path, options));
    case "invalid_type":
      return [wrongType(issue, path, value)];
    case "invalid_value":
      return [wrongWord(issue, path, value)];
    case "too_small":
    case "too_big":
    case "invalid_format":
    case "not_multiple_of":
    case "custom":
      break;
  }
  return [{ path, code: fieldCode(issue), message: limitText(issue) }];
}

function fieldCode(issue: z.core.$ZodIssue): string {
  if (issue.code === "custom") {
    return issue.message.startsWith("required field is missing")
      ? "missing_field"
      : "invalid_value";
  }
  return issue.code === "invalid_format" ? "invalid_format" : "out_of_range";
}

function unknownField(path: IssuePath, key: string, options: IssueOptions): Issue {
  const allowed =
    options.schema === undefined ? [] : allowedFields(options.schema, path, options.data);
  const suggestion = suggest(key, allowed);
  return {
    path: [...path, key],
    code: "unknown_field",
    message: `unknown field "${key}"`,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function wrongType(issue: z.core.$ZodIssueInvalidType, path: IssuePath, value: unknown): Issue {
  const expected = isOwnText(issue.message)
    ? issue.message
    : `expected ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
  if (value === undefined) {
    return { path, code: "missing_field", message: `required field is missing: ${expected}` };
  }
  return { path, code: "invalid_type", message: `${expected}, got ${kindOf(value)}` };
}

function wrongWord(issue: z.core.$ZodIssueInvalidValue, path: IssuePath, value: unknown): Issue {
  const words = issue.values.map(String);
  const expected =
    words.length === 1 ? `expected "${words[0] ?? ""}"` : `expected one of ${words.join(", ")}`;
  if (value === undefined) {
    return { path, code: "missing_field", message: `required field is missing: ${expected}` };
  }
  const suggestion = typeof value === "string" ? suggest(value, words) : undefined;
  return {
    path,
    code: "invalid_value",
    message: `${expected}, got ${kindOf(value)}`,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** A union says by itself what it expects; else the variant that was most likely meant tells its faults. */
function fromUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  path: IssuePath,
  value: unknown,
  options: IssueOptions,
): Issue[] {
  const variants =
    options.schema === undefined ? undefined : variantsOf(options.schema, path, options.data);
  if (variants !== undefined && issue.errors.length === 0) {
    return [unknownVariant(path, value, [...variants, ...(options.more?.(path) ?? [])])];
  }
  const meant = nearestVariant(issue.errors);
  if (meant !== undefined) return meant.flatMap((inner) => convert(inner, path, options));
  const expected = isOwnText(issue.message) ? issue.message : "has a value of the wrong kind";
  if (value === undefined) {
    return [{ path, code: "missing_field", message: `required field is missing: ${expected}` }];
  }
  return [{ path, code: "invalid_value", message: `${expected}, got ${kindOf(value)}` }];
}

/** A longer list of words is left out when there is one that was likely meant. */
const FEW = 10;

/** Documented in old jobs, but never there (ACT-dispatch-02). */
const OLD_NAMES: Readonly<Record<string, string>> = { lava: "dispatch" };

function unknownVariant(path: IssuePath, value: unknown, words: readonly string[]): Issue {
  const field = String(path.at(-1) ?? "type");
  if (value === undefined) {
    return {
      path,
      code: "missing_field",
      message: `required field is missing: expected one of ${words.join(", ")}`,
    };
  }
  const suggestion =
    typeof value === "string" ? suggest(OLD_NAMES[value] ?? value, words) : undefined;
  return {
    path,
    code: "unknown_type",
    message:
      suggestion !== undefined && words.length > FEW
        ? `unknown ${field} ${kindOf(value)}`
        : `unknown ${field} ${kindOf(value)}, expected one of ${words.join(", ")}`,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** The variant whose faults are all inside of it: a map with a wrong field, a list with a wrong item. */
function nearestVariant(
  errors: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  const inside = errors
    .map((issues) => issues.flatMap((issue) => withoutUnions(issue)))
    .filter((issues) =>
      issues.every((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys"),
    );
  return inside.sort((a, b) => a.length - b.length)[0];
}

/** A union within a union: the faults of its own nearest variant. */
function withoutUnions(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union" || issue.path.length > 0) return [issue];
  return nearestVariant(issue.errors) ?? [issue];
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
  null: "null",
};

/** Texts of ours are in small letters; zod's own begin with a capital one. */
function isOwnText(message: string): boolean {
  return /^[a-z]/.test(message);
}

function limitText(issue: z.core.$ZodIssue): string {
  if (isOwnText(issue.message)) return issue.message;
  if (issue.code === "too_small") {
    return issue.origin === "string"
      ? "may not be empty"
      : `expected ${issue.origin === "array" ? "a list of " : ""}${String(issue.minimum)} or more`;
  }
  if (issue.code === "too_big") {
    const unit = issue.origin === "string" ? " characters" : "";
    return `expected ${String(issue.maximum)}${unit} or less`;
  }
  return issue.message.replace(/^Invalid (?:input|string): /, "");
}

function located(path: IssuePath, locate: Locate | undefined): Location {
  const location = locate?.(path);
  if (location === undefined) return {};
  return {
    ...(location.file === undefined ? {} : { file: location.file }),
    ...(location.line === undefined ? {} : { line: location.line }),
    ...(location.column === undefined ? {} : { column: location.column }),
  };
}

/** Issues in the order of their places in the file. */
export function inFileOrder(issues: readonly Issue[]): Issue[] {
  return [...issues].sort(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}
