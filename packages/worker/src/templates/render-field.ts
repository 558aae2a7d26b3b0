import { type Data, errorText, type Issue, LavaError } from "@lava/core";
import type { RenderMethod } from "@lava/spec";
import { toMessageText } from "../message-text.ts";
import type { TemplatePiece } from "./cut-pieces.ts";
import type { FieldRenderer, TemplateExtras, TemplatePlace } from "./field-renderer.ts";
import type { FieldValue } from "./job-fields.ts";
import { piecesOf } from "./pieces.ts";

/** A field with what it renders to. */
export interface RenderedField {
  readonly path: readonly (string | number)[];
  readonly method: RenderMethod;
  /** What stands in the field. */
  readonly template: Data;
  /** Extra names that its templates see. */
  readonly names: readonly string[];
  /**
   * What it renders to: a text for `text`, a list of words, arguments or statements, else the same structure.
   * Undefined where a template fails.
   */
  readonly result?: Data;
  /** What fails, and undefined values that print as nothing (code `undefined_name`). */
  readonly issues: readonly Issue[];
}

/** A renderer of fields and the list that it tells undefined values to. */
export interface ObservedRenderer extends FieldRenderer {
  readonly issues: Issue[];
  /** Names that a template reads anywhere and that are not there. */
  inspect(text: string, extra: TemplateExtras, at: TemplatePlace): Issue[];
}

/** Renders one field of a job or action, as its handler does. Faults are issues, never thrown. */
export function renderField(
  { field, path, value }: FieldValue,
  renderer: ObservedRenderer,
  extra: TemplateExtras,
): RenderedField {
  const names = field.names ?? [];
  const own = Object.fromEntries(Object.entries(extra).filter(([name]) => isOneOf(names, name)));
  renderer.issues.length = 0;
  let result: Data | undefined;
  try {
    result = renderValue(field.method, value, path, renderer, own);
  } catch (error) {
    renderer.issues.push(...issuesOf(error, path));
  }
  const read = inspected(field.method, value, path, renderer, own);
  const issues = uniqueIssues([...renderer.issues, ...read]);
  return {
    path,
    method: field.method,
    template: value,
    names,
    ...(result === undefined ? {} : { result }),
    issues,
  };
}

function inspected(
  method: RenderMethod,
  value: Data,
  path: FieldValue["path"],
  renderer: ObservedRenderer,
  extra: TemplateExtras,
): Issue[] {
  let pieces: readonly TemplatePiece[];
  try {
    pieces = piecesOf(method, value, path);
  } catch {
    return []; // A command line that cannot be split: the rendering has told it.
  }
  return pieces
    .filter(({ template }) => template)
    .flatMap(({ text, place }) => renderer.inspect(text, extra, place));
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

function renderValue(
  method: RenderMethod,
  value: Data,
  path: FieldValue["path"],
  renderer: ObservedRenderer,
  extra: TemplateExtras,
): Data {
  if (method === "json" || (method === "text-or-json" && typeof value !== "string")) {
    const result =
      method === "json"
        ? renderer.renderJson(value, extra, { path })
        : renderer.render(toMessageText(value), extra, { path });
    // In the JSON text undefined values have no place of their own: each text says its own.
    renderer.issues.length = 0;
    for (const { text, place } of piecesOf("json", value, path)) {
      try {
        renderer.render(text, extra, place);
      } catch {
        // What counts is the rendering above, which did not fail.
      }
    }
    return result;
  }
  const render = ({ text, place, template }: TemplatePiece): string =>
    template ? renderer.render(text, extra, place) : text;
  const pieces = piecesOf(method, value, path).map((piece) => ({ piece, text: render(piece) }));
  if (typeof value === "string" && method !== "words" && method !== "later-words") {
    return method === "statements" ? pieces.map(({ text }) => text) : (pieces[0]?.text ?? "");
  }
  if (method === "values" && !Array.isArray(value)) {
    return Object.fromEntries(
      pieces.map(({ piece, text }) => [String(piece.place.path.at(-1)), text]),
    );
  }
  return pieces.map(({ text }) => text);
}

/** Issues of whatever a rendering threw; those of templates know their places. */
export function issuesOf(error: unknown, path: FieldValue["path"]): Issue[] {
  if (!(error instanceof LavaError)) throw error;
  return error.issues.length > 0
    ? [...error.issues]
    : [{ path, code: "template_error", message: errorText(error) }];
}

/** One issue for each fault of a line: what fails, or is printed, may be found by reading as well. */
export function uniqueIssues(issues: readonly Issue[]): Issue[] {
  const known = new Map<string, Issue>();
  for (const issue of issues) {
    const { path, file, line, message } = issue;
    const key = JSON.stringify([path, file, line, message]);
    const isFailure = issue.code !== "undefined_name";
    if (isFailure || !known.has(key)) known.set(key, issue);
  }
  return [...known.values()];
}
