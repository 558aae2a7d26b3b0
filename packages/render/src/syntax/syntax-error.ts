/** A fault that is found before a template runs. */
export class TemplateSyntaxError extends Error {
  readonly line: number;
  readonly column: number;
  /** The template that has the fault, where it is not the one that was asked for. */
  template: { readonly name: string | undefined; readonly source: string } | undefined;
  /** Whether the template is only too much for lava. */
  readonly isLimit: boolean;
  constructor(
    message: string,
    at: { readonly line: number; readonly column: number },
    isLimit = false,
  ) {
    super(message);
    this.isLimit = isLimit;
    this.line = at.line;
    this.column = at.column;
  }
}
