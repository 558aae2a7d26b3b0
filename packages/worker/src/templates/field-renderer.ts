import { type Data, formatPath, type Issue, LavaError } from "@lava/core";
import { type Renderer, type RenderOptions, renderDeep, renderJson } from "@lava/render";
import type { ExtraNames, TemplateNames } from "@lava/spec";

/** Where a template is: the field of the spec, and where in the field's text it begins (1 and 1 if not said). */
export interface TemplatePlace {
  readonly path: readonly (string | number)[];
  readonly line?: number;
  readonly column?: number;
  /** The template's own name where it is a file: errors name it. */
  readonly file?: string;
}

/** Names that only some templates see; the table of render contexts in @lava/spec says which. */
export type TemplateExtras = Partial<ExtraNames>;

/** Renders templates of a spec. Errors say which field holds the template, and where in it the fault is. */
export interface FieldRenderer {
  render(text: string, extra?: TemplateExtras, at?: TemplatePlace): string;
  /** Every text inside the value, one by one. */
  renderDeep(value: Data, extra?: TemplateExtras, at?: TemplatePlace): Data;
  /** Through JSON text, as the original (WK-135). */
  renderJson(value: Data, extra?: TemplateExtras, at?: TemplatePlace): Data;
}

/** A renderer of the templates of one job: its base names, and those of each use. */
export function createFieldRenderer(
  renderer: Renderer,
  base: TemplateNames,
  onUndefined?: (issue: Issue) => void,
): FieldRenderer {
  const within = <T>(
    extra: TemplateExtras | undefined,
    at: TemplatePlace | undefined,
    render: (names: Readonly<Record<string, unknown>>, options: RenderOptions) => T,
  ): T => {
    const options: RenderOptions = {
      ...(at?.file === undefined ? {} : { name: at.file }),
      ...(onUndefined === undefined
        ? {}
        : {
            onUndefined: (issue) => onUndefined(at === undefined ? issue : movedIssue(issue, at)),
          }),
    };
    try {
      return render({ ...base, ...extra }, options);
    } catch (error) {
      throw at === undefined ? error : atField(error, at);
    }
  };
  return {
    render: (text, extra, at) =>
      within(extra, at, (names, options) => renderer.render(text, names, options)),
    renderDeep: (value, extra, at) =>
      within(extra, at, (names, options) => renderDeep(renderer, value, names, options)),
    renderJson: (value, extra, at) =>
      within(extra, at, (names, options) => renderJson(renderer, value, names, options)),
  };
}

/** The same renderer for templates below a path: those of one action of a list. */
export function belowPath(renderer: FieldRenderer, path: TemplatePlace["path"]): FieldRenderer {
  const below = (at: TemplatePlace | undefined): TemplatePlace => ({
    ...at,
    path: [...path, ...(at?.path ?? [])],
  });
  return {
    render: (text, extra, at) => renderer.render(text, extra, below(at)),
    renderDeep: (value, extra, at) => renderer.renderDeep(value, extra, below(at)),
    renderJson: (value, extra, at) => renderer.renderJson(value, extra, below(at)),
  };
}

/** An issue of a template as one of the spec: what is before the template in its field is counted in. */
export function movedIssue(issue: Issue, at: TemplatePlace): Issue {
  const path = [...at.path, ...issue.path];
  // In a file that the template includes, the field's own lines do not count.
  const isOwn = issue.path.length === 0 && (issue.file === undefined || issue.file === at.file);
  if (issue.line === undefined || !isOwn) return { ...issue, path };
  const line = issue.line + (at.line ?? 1) - 1;
  const column =
    issue.column !== undefined && issue.line === 1
      ? issue.column + (at.column ?? 1) - 1
      : issue.column;
  return { ...issue, path, line, ...(column === undefined ? {} : { column }) };
}

/** The error with the field in it: `'x' is undefined (parameters.args[2], line 1, column 4: {{ x.y }})`. */
function atField(error: unknown, at: TemplatePlace): unknown {
  if (!(error instanceof LavaError)) return error;
  const [first] = error.issues;
  const issues = error.issues.map((issue) => movedIssue(issue, at));
  const [issue = { path: at.path, code: "template_error", message: error.message }] = issues;
  const field = formatPath(issue.path);
  const place = [
    field,
    issue.file ?? "",
    issue.line === undefined ? "" : `line ${issue.line}`,
    issue.column === undefined ? "" : `column ${issue.column}`,
  ]
    .filter((part) => part !== "")
    .join(", ");
  const excerpt = error.data?.["excerpt"];
  const shown = typeof excerpt === "string" && excerpt !== "" ? `: ${excerpt}` : "";
  const message = first === undefined ? error.message : issue.message;
  return new LavaError(error.code, `${message} (${place}${shown})`, {
    cause: error,
    issues: issues.length === 0 ? [issue] : issues,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
