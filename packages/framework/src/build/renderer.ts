import { join } from "node:path";
import { isMap, type Issue, LavaError, suggest } from "@lava/core";
import { createRenderer, type Renderer } from "@lava/render";
import { dagHelper } from "../helpers/dag-helper.ts";
import type { SqlAccess } from "../helpers/sql-access.ts";
import type { Inputs } from "./fingerprints.ts";
import { NEVER } from "./never.ts";
import { contextFor, type TemplateContext } from "./template-context.ts";
import { inputsOfText } from "./template-inputs.ts";
import type { Finding } from "./types.ts";

/** A rendered file, and all that went into it. */
export interface Rendered {
  readonly text: string;
  /** Names of inputs: files (also those that were looked for and are not there) and `@...`. */
  readonly inputs: readonly string[];
  readonly warnings: readonly Finding[];
}

/** Renders files of a project with the build's marks. */
export interface BuildRenderer {
  /** Text of a file of the project, as it was when it was first read. */
  text(file: string): string | undefined;
  /**
   * @param source project-relative file
   * @param template `jinja.templates[0]`
   * @param folder component folder whose `_` paths templates are included from (FW-090)
   * @throws {LavaError} TEMPLATE_ERROR
   */
  render(
    text: string,
    options: {
      readonly source: string;
      readonly template: string;
      readonly folder: string;
      /** A spec: lists and maps print as JSON, and commented statements are looked after. */
      readonly isSpec: boolean;
    },
  ): Rendered;
}

/** A renderer over the files that `inputs` reads. */
export function createBuildRenderer(
  inputs: Inputs,
  context: TemplateContext,
  root: string,
  sql: SqlAccess,
): BuildRenderer {
  let used: Set<string> = new Set();
  let texts: string[] = [];
  const renderers = new Map<string, Renderer>();
  const rendererFor = (folder: string, isSpec: boolean): Renderer => {
    const key = `${folder}\n${isSpec}`;
    let renderer = renderers.get(key);
    if (renderer === undefined) {
      const loader = (name: string): { source: string; name: string } | undefined => {
        for (const path of candidates(folder, name)) {
          used.add(path);
          const text = inputs.text(path);
          if (text === undefined) continue;
          if (!inputs.isOwn(path)) {
            throw new LavaError("TEMPLATE_HELPER", `${path}: the symlink leads out of the project`);
          }
          texts.push(text);
          return { source: isSpec ? toTemplate(text) : text, name: path };
        }
        return undefined;
      };
      renderer = createRenderer({
        delimiters: "build",
        loader,
        structures: isSpec ? "json" : "python",
      });
      renderers.set(key, renderer);
    }
    return renderer;
  };
  return {
    text: (file) => inputs.text(file),
    render(text, { source, template, folder, isSpec }) {
      if (!/<[{%#]/.test(text)) return { text: withoutLastNewline(text), inputs: [], warnings: [] };
      used = new Set();
      texts = [text];
      const dag = dagHelper(
        (name) => {
          for (const path of candidates(folder, name)) {
            used.add(path);
            const content = inputs.read(path);
            if (content !== undefined) return { path: join(root, path), content };
          }
          return undefined;
        },
        (realm, conn_id, statement) => {
          used.add(NEVER);
          return sql.rows(realm, conn_id, statement);
        },
      );
      const own = contextFor(context, template, dag);
      const warnings = new Map<string, Finding>();
      const rendered = rendererFor(folder, isSpec).render(isSpec ? toTemplate(text) : text, own, {
        name: source,
        onUndefined: (issue) => {
          const finding = undefinedFinding(issue, own);
          warnings.set(JSON.stringify(finding), finding);
        },
      });
      const others = texts.flatMap(inputsOfText);
      return {
        text: rendered,
        inputs: [...used, ...new Set(others)],
        warnings: [...warnings.values()],
      };
    },
  };
}

/** A value that prints as nothing because its name or key is not there (FW-059). */
function undefinedFinding(issue: Issue, context: Readonly<Record<string, unknown>>): Finding {
  const name = /^'(\w+)' is undefined/.exec(issue.message)?.[1];
  const key = /has no attribute '(\w+)'/.exec(issue.message)?.[1];
  const keys =
    name !== undefined
      ? Object.keys(context)
      : Object.values(context).flatMap((value) => (isMap(value) ? Object.keys(value) : []));
  const suggestion = suggest(name ?? key ?? "", keys);
  return {
    ...issue,
    severity: "warning",
    code: "undefined_name",
    message: `${issue.message} and prints as nothing`,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** Where a template may stand: the component folder, then the project (FW-090, FW-092); never outside of it. */
function candidates(folder: string, name: string): string[] {
  const parts = name.split("/");
  if (name.startsWith("/") || parts.includes("..") || name.includes("\\")) return [];
  return [`${folder}/${name}`, name];
}

/**
 * Drops the `# ` before an include or extends that stands alone in a comment: it would make a comment of the
 * first line of what is put in (FW-093). Lines stay where they are.
 */
export function uncommentIncludes(text: string): string {
  return text.replace(/^[ \t]*#[ \t]*(<%[-+]?\s*(?:include|extends)\b[^\n]*%>[ \t]*)$/gm, "$1");
}

/** A dag is a map, not a text: the quotes around one are not meant (FW-213). */
function unquoteDags(text: string): string {
  return text.replace(
    /(:[ \t]+)(["'])(<\{[-+]?\s*lava\.dag\((?:(?!\2)[^\n])*\)\s*[-+]?\}>)\2[ \t]*$/gm,
    "$1$3",
  );
}

/** The text of a spec as it is rendered. */
function toTemplate(text: string): string {
  return unquoteDags(uncommentIncludes(text));
}

/** Jinja drops one newline at the end (FW-054). */
function withoutLastNewline(text: string): string {
  return text.replace(/\r?\n$/, "");
}
