import type { Issue } from "@lava/core";
import { type CST, LineCounter, Parser } from "yaml";

/** A remark on the style of a YAML text: the rules, levels and names of yamllint's default set (FW-266). */
export interface StyleRemark extends Issue {
  readonly severity: "error" | "warning";
}

/** Rules that judge values, not how the text is laid out: they hold for rendered texts too (FW-268). */
export const VALUE_RULES: ReadonlySet<string> = new Set(["truthy", "octal-values", "empty-values"]);

const TRUTHY = /^(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|True|TRUE|False|FALSE)$/;

type Report = (
  rule: string,
  offset: number,
  message: string,
  severity?: StyleRemark["severity"],
) => void;

/** The remarks on one text, in order; `# yamllint disable` and `disable-line` are heeded. */
export function yamlStyle(text: string): StyleRemark[] {
  const lines = new LineCounter();
  const found: StyleRemark[] = [];
  const report: Report = (rule, offset, message, severity = "error") => {
    const { line, col } = lines.linePos(offset);
    found.push({
      path: [],
      code: `yaml_${rule.replaceAll("-", "_")}`,
      message,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      severity,
    });
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const step: { width?: number } = {};
  for (const token of tokens) walkToken(token, { report, step, indent: -1 });
  layout(text, report);
  for (const offset of commentsOf(tokens)) comment(text, offset, report);
  const off = disabled(text);
  return found
    .filter(({ line = 1, code }) => !off(line, code))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

interface Place {
  readonly report: Report;
  /** Indentation of the text, once one has been seen. */
  readonly step: { width?: number };
  /** Of the collection around; -1 at the top. */
  readonly indent: number;
}

function walkToken(token: CST.Token, place: Place): void {
  switch (token.type) {
    case "document":
      if (token.value !== undefined) walkToken(token.value, place);
      return;
    case "block-map":
      indentation(token.indent, token.offset, place);
      for (const item of token.items) mapItem(item, { ...place, indent: token.indent });
      return;
    case "block-seq":
      indentation(token.indent, token.offset, place);
      for (const item of token.items) {
        hyphen(item, place.report);
        // A collection that stands after the hyphen is as far in as the hyphen leads it.
        const inner = item.value;
        if (inner === undefined) continue;
        if (inner.type === "block-map" || inner.type === "block-seq") {
          walkChildren(inner, { ...place, indent: token.indent });
        } else walkToken(inner, { ...place, indent: token.indent });
      }
      return;
    case "flow-collection":
      flow(token, place);
      return;
    case "scalar":
      scalar(token, place.report);
      return;
    default:
  }
}

/** The items of a collection, whose own indentation was judged. */
function walkChildren(token: CST.BlockMap | CST.BlockSequence, place: Place): void {
  const inner = { ...place, indent: token.indent };
  if (token.type === "block-map") for (const item of token.items) mapItem(item, inner);
  else for (const { value } of token.items) if (value !== undefined) walkToken(value, inner);
}

function mapItem(item: CST.CollectionItem, place: Place): void {
  const { key, sep, value } = item;
  if (key !== undefined && key !== null) walkToken(key, place);
  colon(sep, place.report);
  if (key !== undefined && key !== null && sep !== undefined && value === undefined) {
    const isAnchored = sep.some(({ type }) => type === "anchor" || type === "tag");
    if (!isAnchored)
      place.report("empty-values", key.offset, "empty value: write null, or a value");
  }
  if (value !== undefined) walkToken(value, place);
}

function indentation(indent: number, offset: number, { report, step, indent: outer }: Place): void {
  if (outer < 0) return;
  const width = indent - outer;
  step.width ??= width > 0 ? width : undefined;
  if (width <= 0)
    report(
      "indentation",
      offset,
      `wrong indentation: expected more than ${outer} but found ${indent}`,
    );
  else if (step.width !== undefined && width !== step.width) {
    report(
      "indentation",
      offset,
      `wrong indentation: expected ${outer + step.width} but found ${indent}`,
    );
  }
}

function hyphen({ start }: CST.CollectionItem, report: Report): void {
  const at = start.findIndex(({ type }) => type === "seq-item-ind");
  const next = start[at + 1];
  const isLast = start[at + 2] === undefined || start[at + 2]?.type === "anchor";
  if (at >= 0 && next?.type === "space" && next.source.length > 1 && isLast) {
    report("hyphens", next.offset, "too many spaces after hyphen");
  }
}

function colon(sep: CST.SourceToken[] | undefined, report: Report): void {
  const at = sep?.findIndex(({ type }) => type === "map-value-ind") ?? -1;
  const before = sep?.[at - 1];
  if (before?.type === "space") report("colons", before.offset, "too many spaces before colon");
}

function flow(token: CST.FlowCollection, place: Place): void {
  const { report } = place;
  const rule = token.start.type === "flow-map-start" ? "braces" : "brackets";
  const spaces = (part: CST.SourceToken | undefined): void => {
    if (part?.type === "space" && part.source.length > 2) {
      report(rule, part.offset, `too many spaces inside ${rule}`);
    }
  };
  for (const [index, item] of token.items.entries()) {
    if (index === 0) spaces(item.start[0]);
    for (const [at, part] of item.start.entries()) {
      const after = item.start[at + 1];
      if (part.type === "space" && after?.type === "comma") {
        report("commas", part.offset, "too many spaces before comma");
      }
      if (part.type !== "comma") continue;
      if (after === undefined && (item.key ?? item.value) !== undefined) {
        report("commas", part.offset, "too few spaces after comma");
      } else if (
        after?.type === "space" &&
        after.source.length > 1 &&
        item.start[at + 2] === undefined
      ) {
        report("commas", after.offset, "too many spaces after comma");
      }
    }
    const { key, sep, value } = item;
    if (key !== undefined && key !== null) walkToken(key, place);
    colon(sep, report);
    const isPair = sep?.some(({ type }) => type === "map-value-ind") === true;
    if (isPair && value === undefined) {
      report("empty-values", key?.offset ?? token.offset, "empty value: write null, or a value");
    }
    if (value !== undefined) walkToken(value, place);
    const tail = endOf(item);
    if (tail?.type !== "space") continue;
    if (index === token.items.length - 1) spaces(tail);
    else report("commas", tail.offset, "too many spaces before comma");
  }
  const last = token.end.find(({ type }) => type === "flow-map-end" || type === "flow-seq-end");
  const before = token.end[token.end.indexOf(last ?? token.start) - 1];
  if (token.items.length > 0) spaces(before);
}

/** What stands right behind a value. */
function endOf({ key, value }: CST.CollectionItem): CST.SourceToken | undefined {
  const token = value ?? key;
  return token !== undefined && token !== null && "end" in token ? token.end?.at(-1) : undefined;
}

function scalar({ source, offset }: CST.FlowScalar, report: Report): void {
  if (TRUTHY.test(source)) {
    report("truthy", offset, `truthy value ${source} should be one of false, true`, "warning");
  } else if (/^[-+]?0[0-7]+$/.test(source)) {
    report("octal-values", offset, `forbidden implicit octal value "${source}"`);
  }
}

/** Rules that need no tokens: ends of lines and of the text, blank lines. */
function layout(text: string, report: Report): void {
  if (text === "") return;
  let offset = 0;
  let blank = 0;
  const all = text.split("\n");
  for (const [index, line] of all.entries()) {
    const isEnd = index === all.length - 1;
    if (line.endsWith("\r")) {
      if (index === 0)
        report("new-lines", line.length - 1, "wrong new line character: expected \\n");
    } else if (/[ \t]+$/.test(line)) {
      report("trailing-spaces", offset + line.replace(/[ \t]+$/, "").length, "trailing spaces");
    }
    if (line.trim() === "" && !isEnd) blank += 1;
    else {
      const tooMany = index === blank && blank > 0 && !isEnd ? 0 : isEnd && line === "" ? 0 : 2;
      if (blank > tooMany)
        report("empty-lines", offset - 1, `too many blank lines (${blank} > ${tooMany})`);
      blank = 0;
    }
    if (isEnd && line !== "") {
      report(
        "new-line-at-end-of-file",
        offset + line.length,
        "no new line character at the end of file",
      );
    }
    offset += line.length + 1;
  }
}

/** Where comments begin; not what only looks like one in a block of text. */
function commentsOf(tokens: readonly CST.Token[]): number[] {
  const found: number[] = [];
  const walk = (value: object): void => {
    if (isSource(value) && value.type === "comment") found.push(value.offset);
    else {
      for (const part of Object.values(value)) {
        if (typeof part === "object" && part !== null) walk(part);
      }
    }
  };
  for (const token of tokens) walk(token);
  return found;
}

function isSource(value: object): value is CST.SourceToken {
  return "type" in value && "offset" in value && "source" in value;
}

function comment(text: string, offset: number, report: Report): void {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const before = text.slice(start, offset);
  const own = text.slice(offset).split("\n", 1)[0] ?? "";
  if (/^#+[^#\s!]/.test(own) && !(offset === 0 && own.startsWith("#!"))) {
    report("comments", offset, "missing starting space in comment", "warning");
  }
  if (before.trim() !== "") {
    if (!before.endsWith("  "))
      report("comments", offset, "too few spaces before comment: expected 2", "warning");
    return;
  }
  const content = (line: string): boolean =>
    line.trim() !== "" && !line.trimStart().startsWith("#");
  const width = (line: string | undefined): number =>
    line === undefined ? 0 : line.length - line.trimStart().length;
  const next = width(text.slice(offset).split("\n").slice(1).find(content));
  const previous = width(text.slice(0, start).split("\n").findLast(content));
  if (before.length !== next && before.length !== Math.max(previous, next)) {
    report("comments-indentation", offset, "comment not indented like content");
  }
}

/** Whether a rule is switched off at a line by a comment for yamllint. */
function disabled(text: string): (line: number, code: string) => boolean {
  const at = new Map<number, string>();
  let from = Infinity;
  for (const [index, line] of text.split("\n").entries()) {
    const match = /#\s*yamllint\s+(disable-line|disable|enable|disable-file)(.*)/.exec(line);
    if (match === null) continue;
    const [, what, rules = ""] = match;
    if (what === "disable-line")
      at.set(line.trimStart().startsWith("#") ? index + 2 : index + 1, rules);
    else if (rules.trim() === "" && from === Infinity && what !== "enable") from = index + 1;
  }
  return (line, code) => {
    if (line >= from) return true;
    const rules = at.get(line);
    if (rules === undefined) return false;
    return (
      rules.trim() === "" ||
      rules.includes(`rule:${code.slice("yaml_".length).replaceAll("_", "-")}`)
    );
  };
}
