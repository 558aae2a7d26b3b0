/** What went wrong at one place of a file or a record. */
export interface Issue {
  /** Where in the record: `["parameters", "args", 0]`. */
  readonly path: readonly (string | number)[];
  /** Stable, for programs: `unknown_field`, `invalid_type`, ... */
  readonly code: string;
  /** For people: what is wrong and what was expected. */
  readonly message: string;
  /** Absolute or project-relative file name. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** "did you mean": the nearest allowed value. */
  readonly suggestion?: string;
}

/** Options of a {@link LavaError}. */
export interface LavaErrorOptions {
  readonly cause?: unknown;
  /** What to do about it, one sentence. */
  readonly hint?: string;
  /** Whether the worker may try the run again; `allowed` by default. */
  readonly retry?: "never" | "allowed";
  /** `usage` ends a command with status 2, `failure` (default) with 1. */
  readonly kind?: "failure" | "usage";
  /** All faults found, where there can be more than one. */
  readonly issues?: readonly Issue[];
  /** Partial result of a job handler; becomes `error_data` of the event (JOB-all-03). */
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * An expected failure. `code` is stable and listed in the guide (`docs/guide/errors.md`); the message is a
 * sentence with the ids in it. Anything else that is thrown is a bug of ours.
 */
export class LavaError extends Error {
  override readonly name = "LavaError";
  readonly code: string;
  readonly hint: string | undefined;
  readonly retry: "never" | "allowed";
  readonly kind: "failure" | "usage";
  readonly issues: readonly Issue[];
  readonly data: Readonly<Record<string, unknown>> | undefined;

  constructor(code: string, message: string, options: LavaErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.retry = options.retry ?? "allowed";
    this.kind = options.kind ?? "failure";
    this.issues = options.issues ?? [];
    this.data = options.data;
  }
}

/** The text of anything that was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `file:line:column: path: message (did you mean "x"?)`, leaving out what is not known. */
export function formatIssue(issue: Issue): string {
  const place = [issue.file, issue.line, issue.line === undefined ? undefined : issue.column]
    .filter((part) => part !== undefined)
    .join(":");
  const hint = issue.suggestion === undefined ? "" : ` (did you mean "${issue.suggestion}"?)`;
  return [place, formatPath(issue.path), `${issue.message}${hint}`]
    .filter((part) => part !== "")
    .join(": ");
}

/** `parameters.args[0]`. */
export function formatPath(path: readonly (string | number)[]): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`,
    )
    .join("");
}
