import { isMap, suggest } from "@lava/core";
import type { Finding } from "./types.ts";

const EXPRESSION = /<\{-?\s*([A-Za-z_]\w*)((?:\s*\.\s*[A-Za-z_]\w*)*)([^]*?)\}>/g;
const CONSTANTS =
  /^(?:true|false|none|True|False|None|not|loop|self|super|caller|varargs|kwargs|range|dict|lipsum|cycler|joiner|namespace)$/;
const SILENT = /\|\s*(?:default|d)\b|\bis\s+(?:not\s+)?(?:un)?defined\b/;

/**
 * Values whose name, or whose key in a map of the config, is not there: they print as nothing (FW-059). Judged by
 * the text, so that line and column are those of the source; names that the template itself sets are known.
 */
export function undefinedNames(
  text: string,
  file: string,
  context: Readonly<Record<string, unknown>>,
): Finding[] {
  const local = localNames(text);
  const findings: Finding[] = [];
  for (const match of text.matchAll(EXPRESSION)) {
    const [, name = "", members = "", rest = ""] = match;
    if (CONSTANTS.test(name) || local.has(name) || SILENT.test(rest)) continue;
    const missing = missingPart(name, members, rest, context);
    if (missing === undefined) continue;
    const before = text.slice(0, match.index);
    findings.push({
      severity: "warning",
      path: [],
      code: "undefined_name",
      message: `${missing.name} is not defined and prints as nothing`,
      file,
      line: before.split("\n").length,
      column: before.length - before.lastIndexOf("\n"),
      ...(missing.suggestion === undefined ? {} : { suggestion: missing.suggestion }),
    });
  }
  return findings;
}

function missingPart(
  name: string,
  members: string,
  rest: string,
  context: Readonly<Record<string, unknown>>,
): { name: string; suggestion: string | undefined } | undefined {
  if (!Object.hasOwn(context, name)) {
    return { name, suggestion: suggest(name, Object.keys(context)) };
  }
  const keys = members
    .split(".")
    .map((key) => key.trim())
    .filter((key) => key !== "");
  // The last part of `a.b.items()` is a method.
  if (/^\s*\(/.test(rest)) keys.pop();
  let value = context[name];
  let path = name;
  for (const key of keys) {
    if (!isMap(value)) return undefined;
    if (!Object.hasOwn(value, key)) {
      // Python's maps have methods, and what is used one level deeper is an error of its own.
      if (key === keys.at(-1) && /^(?:items|keys|values|get)$/.test(key)) return undefined;
      const near = suggest(key, Object.keys(value));
      return {
        name: `${path}.${key}`,
        suggestion: near === undefined ? undefined : `${path}.${near}`,
      };
    }
    value = value[key];
    path = `${path}.${key}`;
  }
  return undefined;
}

/** Names that statements of the template bind: set, for, macro, import, with. */
function localNames(text: string): Set<string> {
  const names = new Set<string>();
  for (const [, statement = ""] of text.matchAll(/<%-?\s*([^]*?)-?%>/g)) {
    const add = (list: string | undefined): void => {
      for (const name of list?.match(/[A-Za-z_]\w*/g) ?? []) names.add(name);
    };
    add(/^set\s+([\w\s,]+?)\s*(?:=|\||$)/.exec(statement)?.[1]);
    add(/^for\s+([\w\s,()]+?)\s+in\b/.exec(statement)?.[1]);
    const macro = /^(?:macro\s+(\w+)\s*|call\s*)\(([^]*)\)/.exec(statement);
    add(macro?.[1]);
    add(macro?.[2]);
    add(/^import\s+[^]*\bas\s+(\w+)/.exec(statement)?.[1]);
    add(/^from\s+[^]*?\bimport\s+([^]*)$/.exec(statement)?.[1]);
    for (const [, bound] of statement.startsWith("with") ? statement.matchAll(/(\w+)\s*=/g) : [])
      add(bound);
  }
  return names;
}
