import { type Data, type DataMap, errorText, isMap, parseJson } from "@lava/core";
import { isDataMap } from "../python-json.ts";
import { templateFindings } from "../template-findings.ts";
import type { Finding } from "../types.ts";
import { type NotebookTemplate, renderNotebook } from "./notebook-template.ts";
import { startsOfStatements } from "./open-lines.ts";

/** A notebook as a Python script. */
export interface NotebookScript {
  readonly text: string;
  readonly findings: readonly Finding[];
}

/**
 * Makes a Python script of a Jupyter notebook: code cells as code, text cells as comments, what only a notebook can
 * run as comments (FW-169..171). A template of the user's own decides all of that by itself (CLI-225).
 *
 * @param file Project-relative, for findings.
 */
export function notebookScript(
  content: string,
  file: string,
  template?: NotebookTemplate,
): NotebookScript {
  const findings: Finding[] = [];
  const parts = ["#!/usr/bin/env python3\n# coding: utf-8\n"];
  let cells: readonly DataMap[];
  try {
    cells = cellsOf(parseJson(content));
  } catch (error) {
    const message = `this is no notebook: ${errorText(error)}`;
    return {
      text: "",
      findings: [{ severity: "error", path: [], code: "bad_notebook", message, file }],
    };
  }
  if (template !== undefined) return byTemplate(template, cells, file);
  for (const [index, cell] of cells.entries()) {
    const source = textOf(cell["source"] ?? cell["input"]);
    if (cell["cell_type"] === "code") {
      const count = String(cell["execution_count"] ?? cell["prompt_number"] ?? "") || " ";
      const warn = (line: string): void => {
        const message = `cell ${index + 1}: only a notebook can run "${line.trim()}"; it is a comment in the script`;
        findings.push({ severity: "warning", path: [], code: "notebook_only", message, file });
      };
      parts.push(`\n# In[${count}]:\n\n\n${codeOf(source, warn)}\n`);
    } else if (cell["cell_type"] !== "raw") {
      const comment = source.replace(/^/gm, "# ").replace(/[ ]+$/gm, "");
      parts.push(`\n${comment}\n`);
    }
  }
  return { text: parts.join("\n"), findings };
}

function byTemplate(
  template: NotebookTemplate,
  cells: readonly DataMap[],
  file: string,
): NotebookScript {
  const whole = cells.map((cell) => ({ ...cell, source: textOf(cell["source"] ?? cell["input"]) }));
  try {
    const script = renderNotebook(template, whole, (source) => codeOf(source, () => undefined, ""));
    return { text: script, findings: [] };
  } catch (error) {
    return { text: "", findings: templateFindings(error, file) };
  }
}

function cellsOf(notebook: Data): DataMap[] {
  if (!isMap(notebook) || !isDataMap(notebook)) throw new Error("it is no map");
  const sheets = notebook["worksheets"];
  const lists = Array.isArray(sheets)
    ? sheets.map((sheet: Data) => (isDataMap(sheet) ? sheet["cells"] : []))
    : [notebook["cells"]];
  return lists.flatMap((cells) => {
    if (!Array.isArray(cells)) throw new Error("it has no cells");
    return cells.filter((cell: Data) => isDataMap(cell));
  });
}

function textOf(source: Data | undefined): string {
  const text = Array.isArray(source) ? source.map(String).join("") : String(source ?? "");
  return text.replace(/\r\n/g, "\n").replace(/\n+$/, "");
}

/** The code of a cell, with IPython's own syntax as the calls that it stands for, behind a mark: a comment's, or none. */
function codeOf(source: string, warn: (line: string) => void, mark: "#" | "" = "#"): string {
  const magic = /^%%(\w+)[ \t]*([^\n]*)\n?([\s\S]*)$/.exec(source.trimStart());
  if (magic !== null) {
    const [, name = "", args = "", body = ""] = magic;
    return `${mark}get_ipython().run_cell_magic(${python(name)}, ${python(args)}, ${python(body)})`;
  }
  const starts = startsOfStatements(source);
  return source
    .split("\n")
    .map((line, index) => codeLine(line, starts[index] === true, warn, mark))
    .join("\n");
}

function codeLine(
  line: string,
  isStart: boolean,
  warn: (line: string) => void,
  mark: "#" | "",
): string {
  const [, indent = "", rest = ""] = /^(\s*)(.*)$/s.exec(line) ?? [];
  if (isStart) {
    const call = lineCall(rest);
    if (call !== undefined) return `${indent}${mark}${call}`;
    if (/^[\w.,\s[\]'"]+=\s*(?:![^=]|%[a-zA-Z])/.test(rest)) {
      warn(line);
      return `${indent}#${rest}`;
    }
  }
  if (mark === "" || !rest.includes("get_ipython") || rest.startsWith("#")) return line;
  if (!rest.startsWith("get_ipython")) warn(line);
  return `${indent}#${rest}`;
}

/** The call that a line of IPython stands for. */
function lineCall(line: string): string | undefined {
  const magic = /^%([a-zA-Z]\w*)[ \t]*(.*)$/.exec(line);
  if (magic !== null) {
    return `get_ipython().run_line_magic(${python(magic[1] ?? "")}, ${python(magic[2] ?? "")})`;
  }
  if (line.startsWith("!!")) return `get_ipython().getoutput(${python(line.slice(2))})`;
  if (line.startsWith("!")) return `get_ipython().system(${python(line.slice(1))})`;
  const help = /^\?{1,2}([\w.]+)$/.exec(line) ?? /^([\w.]+)\?{1,2}$/.exec(line);
  return help === null
    ? undefined
    : `get_ipython().run_line_magic('pinfo', ${python(help[1] ?? "")})`;
}

/** A text as Python writes it. */
function python(text: string): string {
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll("'", "\\'")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
  return `'${escaped}'`;
}
