import { type Data, type DataMap, errorText, type Issue, isTruthy, parseJson } from "@lava/core";
import { type SpecExtensions, validateSpec } from "@lava/spec";
import { type ReadYaml, readYaml, type TextPosition } from "../yaml/read.ts";
import type { SpecSource } from "./discover.ts";
import { fieldAt } from "./field-at.ts";
import { lineMap } from "./line-map.ts";
import { isDataMap, withoutWholeFloats } from "./python-json.ts";
import type { BuildRenderer } from "./renderer.ts";
import { templateFindings } from "./template-findings.ts";
import type { Finding } from "./types.ts";

/** Finds the place of a path of an item in its source file. */
export type Locate = (
  path: readonly (string | number)[],
) => Pick<Finding, "file" | "line" | "column">;

/** A spec, rendered, read and checked by itself. */
export interface SpecOutcome {
  /** Null when the spec is left out in this environment (FW-121). */
  readonly data: DataMap | null;
  readonly inputs: readonly string[];
  readonly findings: readonly Finding[];
  readonly locate: Locate;
}

/** Told of each rendered spec, with what finds the place in its source of a fault in the rendered text. */
export type OnRendered = (
  spec: SpecSource,
  rendered: string,
  place: (issue: Issue) => Pick<Finding, "file" | "line" | "column">,
) => void;

/** Renders, reads and validates one spec; faults are findings, never thrown. */
export function buildSpec(
  spec: SpecSource,
  text: string,
  renderer: BuildRenderer,
  validation: "error" | "warn" | "off",
  extensions?: SpecExtensions,
  onRendered?: OnRendered,
): SpecOutcome {
  const findings: Finding[] = [];
  const nowhere: Locate = () => ({ file: spec.source });
  let rendered: ReturnType<BuildRenderer["render"]>;
  try {
    rendered = renderer.render(text, {
      source: spec.source,
      template: spec.name,
      folder: spec.folder,
      isSpec: true,
    });
  } catch (error) {
    return {
      data: null,
      inputs: [],
      findings: withFields(templateFindings(error, spec.source), renderer),
      locate: nowhere,
    };
  }
  findings.push(...withFields(rendered.warnings, renderer));
  const inputs = rendered.inputs;
  const place = placeInSource(spec.source, text, rendered.text);
  onRendered?.(spec, rendered.text, place);
  const read = spec.format === "json" ? readJson(rendered.text) : readYaml(rendered.text);
  const add = (severity: Finding["severity"], issue: Issue): void => {
    findings.push({ ...issue, severity, ...place(issue) });
  };
  for (const issue of read.errors) add("error", issue);
  for (const issue of read.warnings) add("warning", issue);
  const locate: Locate = (path) => place({ ...read.locate(path), message: "" });
  if (read.data === undefined || !isTruthy(read.data))
    return { data: null, inputs, findings, locate };
  if (!isDataMap(read.data)) {
    const what = Array.isArray(read.data) ? "a list" : "a single value";
    add("error", {
      path: [],
      code: "invalid_type",
      message: `a spec is a map of fields; this is ${what}`,
    });
    return { data: null, inputs, findings, locate };
  }
  const data = withoutWholeFloats(read.data);
  if (!isDataMap(data)) return { data: null, inputs, findings, locate };
  if (validation !== "off") {
    const result = validateSpec(spec.kind, data, (path) => placeOf(read, path), extensions);
    if (!result.ok) {
      for (const issue of result.issues) add(validation === "warn" ? "warning" : "error", issue);
    }
  }
  return { data, inputs, findings, locate };
}

/** Findings of templates with the fields that hold the templates, also in files that are included. */
function withFields(findings: readonly Finding[], renderer: BuildRenderer): Finding[] {
  return findings.map((finding) => {
    const { file, line, path } = finding;
    const text = file === undefined || path.length > 0 ? undefined : renderer.text(file);
    if (text === undefined || line === undefined) return finding;
    return { ...finding, path: fieldAt(text, line) };
  });
}

function placeOf(read: ReadYaml, path: readonly PropertyKey[]): TextPosition {
  return read.locate(path.filter((part): part is string | number => typeof part !== "symbol"));
}

/** Turns places of the rendered text into places of the source; says both where they differ. */
function placeInSource(
  file: string,
  source: string,
  rendered: string,
): (
  issue: Pick<Issue, "line" | "column" | "message">,
) => Pick<Finding, "file" | "line" | "column" | "message"> {
  const isSame = source === rendered || !/<[{%#]/.test(source);
  let map: ReturnType<typeof lineMap> | undefined;
  return ({ line, column, message }) => {
    if (line === undefined) return { file, message };
    if (isSame) return { file, line, column, message };
    map ??= lineMap(source, rendered);
    const at = map({ line, column: column ?? 1 });
    const other = at.line === line ? "" : ` (line ${line} of the rendered text)`;
    return { file, line: at.line, column: at.column, message: `${message}${other}` };
  };
}

/** JSON, with places found by reading it as YAML, which it nearly is. */
function readJson(text: string): ReadYaml {
  let places: ReadYaml | undefined;
  const locate = (path: readonly (string | number)[]): TextPosition =>
    (places ??= readYaml(text)).locate(path);
  if (text.trim() === "") return { data: null, errors: [], warnings: [], times: [], locate };
  try {
    const data: Data = parseJson(text);
    return { data, errors: [], warnings: [], times: [], locate };
  } catch (error) {
    const at = /line (\d+) column (\d+)/.exec(errorText(error));
    const issue = {
      path: [],
      code: "bad_json",
      message: errorText(error),
      ...(at === null ? {} : { line: Number(at[1]), column: Number(at[2]) }),
    };
    return { data: undefined, errors: [issue], warnings: [], times: [], locate };
  }
}
