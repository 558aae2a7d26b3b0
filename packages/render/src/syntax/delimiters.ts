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

/** Marks with other outer characters in place of the braces: `<` and `>` are those of the build (CLI-210). */
export function outerDelimiters(open: string, close: string): Delimiters {
  return {
    blockStart: `${open}%`,
    blockEnd: `%${close}`,
    variableStart: `${open}{`,
    variableEnd: `}${close}`,
    commentStart: `${open}#`,
    commentEnd: `#${close}`,
  };
}

/** Sources that the build renders; the worker's marks pass through (FW-053). */
export const buildDelimiters: Delimiters = {
  blockStart: "<%",
  blockEnd: "%>",
  variableStart: "<{",
  variableEnd: "}>",
  commentStart: "<#",
  commentEnd: "#>",
};
