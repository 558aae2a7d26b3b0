import type { ExtraNames } from "./names.ts";

/**
 * How a field is rendered (T-37, T-39).
 *
 * - `text`: the whole text is one template
 * - `words`: split as a shell does, then each word
 * - `later-words`: split as a shell does, then each word but the first
 * - `arguments`: each item, as Python prints it
 * - `values`: each text of a list or map, one by one; keys are left alone
 * - `statements`: split into SQL statements, then each statement
 * - `files`: the content of payload files, each as one template with `include` from its own folder
 * - `file-statements`: the content of payload files, split into SQL statements, then each statement
 * - `json`: dumped to JSON, rendered as one text, parsed; where that fails, each text by itself (WK-135)
 * - `text-or-json`: a text as `text`, a map as `json` without being parsed
 */
export type RenderMethod =
  | "text"
  | "words"
  | "later-words"
  | "arguments"
  | "values"
  | "statements"
  | "files"
  | "file-statements"
  | "json"
  | "text-or-json";

/** One field of a spec that holds templates. */
export interface TemplateField<Path extends string = string> {
  /** Where it is in the spec: `parameters.args`. */
  readonly field: Path;
  readonly method: RenderMethod;
  /** Names besides those that all templates of its kind see. */
  readonly names?: readonly (keyof ExtraNames)[];
  /** A template that stands in for a field that is not there. */
  readonly otherwise?: string;
  /** What else is to know, for people. */
  readonly note?: string;
}

/** Keys of a union of objects. */
export type KeyOf<T> = T extends unknown ? keyof T & string : never;

/** Paths of one and two steps, `a` and `a.b`, of which `a.b` only where `a` is an object. */
export type PathOf<T> = T extends unknown
  ? {
      [K in keyof T & string]:
        | K
        | (NonNullable<T[K]> extends readonly unknown[]
            ? never
            : NonNullable<T[K]> extends object
              ? string extends keyof NonNullable<T[K]>
                ? never
                : `${K}.${KeyOf<NonNullable<T[K]>>}`
              : never);
    }[keyof T & string]
  : never;

/** What each method means, for people. */
export const renderMethods: Readonly<Record<RenderMethod, string>> = {
  text: "one template",
  words: "split into words as a shell does, then each word",
  "later-words": "split into words as a shell does, then each word but the first",
  arguments: "each item, as Python prints it",
  values: "each text of the list or map; keys are left alone",
  statements: "split into statements, then each statement",
  files: "each file as one template; `include` finds the files beside it",
  "file-statements": "each file is split into statements, then each statement",
  json: "as JSON text: dumped, rendered, parsed; where that fails, each text by itself",
  "text-or-json": "a text as one template; a map as JSON text",
};
