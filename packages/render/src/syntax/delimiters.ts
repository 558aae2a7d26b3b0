/** The marks of a template language, as nunjucks names them in its `tags` option. */
export interface Delimiters {
  readonly blockStart: string;
  readonly blockEnd: string;
  readonly variableStart: string;
  readonly variableEnd: string;
  readonly commentStart: string;
  readonly commentEnd: string;
}

/** Templates that the worker renders: Jinja's own marks. */
export const jobDelimiters: Delimiters = {
  blockStart: "{%",
  blockEnd: "%}",
  variableStart: "{{",
  variableEnd: "}}",
  commentStart: "{#",
  commentEnd: "#}",
};

/** Sources that the build renders; the worker's marks pass through (FW-053). */
export const buildDelimiters: Delimiters = {
  blockStart: "<%",
  blockEnd: "%>",
  variableStart: "<{",
  variableEnd: "}>",
  commentStart: "<#",
  commentEnd: "#>",
};
