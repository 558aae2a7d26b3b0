/** An exception of the template's world: a Python type and its message. */
export class PyError extends Error {
  /** `TypeError`, `UndefinedError`, `TemplateSyntaxError`, ... */
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** A `TypeError`. */
export const typeError = (message: string): PyError => new PyError("TypeError", message);

/** A `ValueError`. */
export const valueError = (message: string): PyError => new PyError("ValueError", message);

/** What lava does not have yet; never a silently different text. */
export const notSupported = (what: string): PyError =>
  new PyError("NotImplementedError", `${what} is not supported in lava templates`);
