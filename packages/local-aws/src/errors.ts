/** Options of an {@link AwsError}. */
export interface AwsErrorOptions {
  /** HTTP status; 400 by default. */
  readonly status?: number;
  /** Further members of a JSON error body (`CancellationReasons`, `Item`). */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Further elements of an XML error body (`Key`, `BucketName`). */
  readonly elements?: Readonly<Record<string, string>>;
  /** Code in the query protocol and in `x-amzn-query-error`, where it differs from `code`. */
  readonly queryCode?: string;
  /** Further response headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A failure that the service itself would answer with; the front renders it for the protocol. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: string;
  readonly status: number;
  readonly options: AwsErrorOptions;

  constructor(code: string, message: string, options: AwsErrorOptions = {}) {
    super(message);
    this.code = code;
    this.status = options.status ?? 400;
    this.options = options;
  }
}

/** The answer to everything that an engine does not know: never a silent 200. */
export function notImplemented(service: string, operation: string): AwsError {
  return new AwsError("NotImplemented", `${service} ${operation} is not implemented by local-aws`, {
    status: 501,
  });
}
