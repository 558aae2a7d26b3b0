import { type Issue, LavaError, type LavaErrorOptions } from "@lava/core";
import type { Run } from "./interpreter/run.ts";
import { TemplateSyntaxError } from "./syntax/syntax-error.ts";
import { PyError } from "./values/error.ts";

/** Where a fault is. */
interface Location {
  readonly name: string | undefined;
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

/** Longest excerpt that a message shows. */
const EXCERPT = 80;

/** The part of a line around a column. */
function excerptOf(source: string, line: number, column: number): string {
  const text = source.split(/\r\n|\r|\n/)[line - 1] ?? "";
  const start = Math.max(0, column - 1 - EXCERPT / 2);
  const part = text.slice(start, start + EXCERPT);
  const before = start > 0 ? "..." : "";
  const after = start + EXCERPT < text.length ? "..." : "";
  return before + part.trim() + after;
}

const SMALLER = "Make the template smaller, or do the work elsewhere.";

/** A fault in a template: Jinja's message, then template, line, column and excerpt. */
function templateError(
  message: string,
  cause: unknown,
  at: Location | undefined,
  code: "TEMPLATE_ERROR" | "TEMPLATE_LIMIT" = "TEMPLATE_ERROR",
): LavaError {
  const failure = (text: string, options: LavaErrorOptions): LavaError =>
    code === "TEMPLATE_ERROR"
      ? new LavaError("TEMPLATE_ERROR", text, options)
      : new LavaError("TEMPLATE_LIMIT", text, { ...options, hint: SMALLER });
  if (at === undefined) return failure(message, { cause });
  const excerpt = excerptOf(at.source, at.line, at.column);
  const where = at.name === undefined ? "" : `${at.name}, `;
  const issue: Issue = {
    path: [],
    code: code.toLowerCase(),
    message,
    line: at.line,
    column: at.column,
    ...(at.name === undefined ? {} : { file: at.name }),
  };
  return failure(`${message} (${where}line ${at.line}, column ${at.column}: ${excerpt})`, {
    cause,
    issues: [issue],
    data: { excerpt },
  });
}

const STACK_OVERFLOW = /call stack/i;

/** Turns what was thrown while a template ran, or was parsed, into a LavaError; ours pass through. */
export function toTemplateError(
  error: unknown,
  run: Run | undefined,
  source: string,
  name: string | undefined,
): unknown {
  const { at, template } = run ?? {};
  if (error instanceof LavaError && error.code !== "TEMPLATE_HELPER") return error;
  const place: Location | undefined =
    at === undefined || template === undefined
      ? undefined
      : { name: template.name, source: template.source, line: at.lineno, column: at.colno };
  if (error instanceof TemplateSyntaxError) {
    const where = error.template ?? { name, source };
    return templateError(
      error.message,
      error,
      { ...where, line: error.line, column: error.column },
      error.isLimit ? "TEMPLATE_LIMIT" : "TEMPLATE_ERROR",
    );
  }
  // What a function of the context refuses is a fault at the place of the call.
  if (error instanceof LavaError) return templateError(error.message, error, place);
  if (error instanceof PyError) {
    const code = error.type === "LimitError" ? "TEMPLATE_LIMIT" : "TEMPLATE_ERROR";
    return templateError(error.message, error, place, code);
  }
  if (error instanceof RangeError) {
    const message = STACK_OVERFLOW.test(error.message)
      ? "the template or a value in it is nested too deeply"
      : "a value of the template is too large";
    return templateError(message, error, place, "TEMPLATE_LIMIT");
  }
  return error;
}
