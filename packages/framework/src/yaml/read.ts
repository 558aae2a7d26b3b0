import { type Data, type Issue, isMap } from "@lava/core";
import {
  type Alias,
  isAlias,
  isMap as isYamlMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { resolvePlain, type ResolvedScalar, toBool, toFloat, toInt } from "./resolve.ts";

/** A place in a text; lines and columns count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A YAML document as PyYAML reads it, and where each value stands. */
export interface ReadYaml {
  /** Undefined when there are errors. */
  readonly data: Data | undefined;
  readonly errors: readonly Issue[];
  /** Conversions that surprise people, duplicate keys (FW-104). */
  readonly warnings: readonly Issue[];
  /** Dates and times, which stay texts in the data, with `times: "keep"`; otherwise they are errors. */
  readonly times: readonly { readonly path: Path; readonly text: string }[];
  /** Where a value stands, or the nearest value around it. */
  locate(path: readonly (string | number)[]): TextPosition;
}

/** Reads one document by PyYAML's rules (design 14), with every fault of it. */
export function readYaml(
  text: string,
  options: { readonly times?: "keep" | "fault" } = {},
): ReadYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: "failsafe",
    version: "1.1",
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
    keepSourceTokens: false,
    merge: false,
  });
  const at = (offset: number): TextPosition => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const root: Node | null = document.contents;
  const locate = (path: readonly (string | number)[]): TextPosition => at(findOffset(root, path));
  const errors: Issue[] = document.errors.map((error) => ({
    path: [],
    code: "bad_yaml",
    message: syntaxMessage(error.code, error.message),
    ...at(error.pos[0]),
  }));
  if (errors.length > 0) return { data: undefined, errors, warnings: [], times: [], locate };
  const warnings: Issue[] = [];
  const times: { path: Path; text: string }[] = [];
  const data = convert(root, {
    path: [],
    anchors: new Map(),
    fault: (path, offset, message) =>
      errors.push({ path, code: "bad_value", message, ...at(offset) }),
    time: (path, value, otherwise) => {
      if (options.times === "keep") times.push({ path, text: value });
      else otherwise();
    },
    warn: (path, offset, code, message) => warnings.push({ path, code, message, ...at(offset) }),
  });
  return { data: errors.length > 0 ? undefined : data, errors, warnings, times, locate };
}

function syntaxMessage(code: string, message: string): string {
  if (code === "MULTIPLE_DOCS") return "a file holds one document; this one has several";
  return message.replace(/\n[^]*$/, "");
}

type Path = readonly (string | number)[];

interface Conversion {
  readonly path: Path;
  /** Values of the anchors met so far, by name. */
  readonly anchors: Map<string, { node: Node; data: Data }>;
  fault(path: Path, offset: number, message: string): void;
  /** Told of a date; `otherwise` is what happens where none may be. */
  time(path: Path, text: string, otherwise: () => void): void;
  warn(path: Path, offset: number, code: string, message: string): void;
}

function convert(node: Node | null, context: Conversion): Data {
  if (node === null) return null;
  if (isAlias(node)) return convertAlias(node, context);
  const data = convertContent(node, context);
  const anchor: unknown = Reflect.get(node, "anchor");
  if (typeof anchor === "string" && anchor !== "") context.anchors.set(anchor, { node, data });
  return data;
}

function convertContent(node: Node, context: Conversion): Data {
  if (isScalar(node)) return convertScalar(node, context);
  const tag = shortTag(node.tag);
  if (tag !== undefined && tag !== "map" && tag !== "seq") {
    context.fault(context.path, offsetOf(node), `!!${tag} cannot be written as JSON`);
    return null;
  }
  if (isSeq(node)) {
    return node.items.map((item, index) =>
      convert(toNode(item), { ...context, path: [...context.path, index] }),
    );
  }
  return isYamlMap(node) ? convertMap(node, context) : null;
}

function convertAlias(node: Alias, context: Conversion): Data {
  const target = context.anchors.get(node.source);
  if (target !== undefined) return target.data;
  context.fault(context.path, offsetOf(node), `there is no anchor &${node.source} before this`);
  return null;
}

function convertScalar(node: Scalar, context: Conversion): Data {
  const resolved = resolveScalar(node);
  const { fault, tag, value } = resolved;
  const complain = (): void => {
    if (fault !== undefined) context.fault(context.path, offsetOf(node), fault);
  };
  if (tag === "time" && typeof value === "string") context.time(context.path, value, complain);
  else complain();
  if (resolved.surprise !== undefined) {
    context.warn(context.path, offsetOf(node), "surprising_value", resolved.surprise);
  }
  return resolved.value;
}

function resolveScalar(node: Scalar): ResolvedScalar {
  const text = typeof node.value === "string" ? node.value : (node.source ?? "");
  const tag = shortTag(node.tag);
  if (tag === undefined) {
    return node.type === undefined || node.type === "PLAIN"
      ? resolvePlain(text)
      : { value: text, tag: "str" };
  }
  if (tag === "str") return { value: text, tag };
  if (tag === "null") return { value: null, tag };
  if (tag === "bool") return toBool(text);
  if (tag === "int") return toInt(text);
  if (tag === "float") return toFloat(text);
  return { value: text, tag: "str", fault: `!!${tag} cannot be written as JSON` };
}

function convertMap(node: YAMLMap, context: Conversion): Data {
  const entries = new Map<string, Data>();
  const merged: Data[] = [];
  for (const pair of node.items) {
    const keyNode = toNode(pair.key);
    const offset = keyNode === null ? offsetOf(node) : offsetOf(keyNode);
    if (isScalar(keyNode) && keyNode.value === "<<" && keyNode.type === "PLAIN") {
      merged.push(...mergeSources(convert(toNode(pair.value), context), offset, context));
      continue;
    }
    const key = keyText(keyNode, context, offset);
    const path = [...context.path, key];
    if (entries.has(key)) {
      context.warn(path, offset, "duplicate_key", `${key} is given twice; the last one counts`);
    }
    entries.set(key, convert(toNode(pair.value), { ...context, path }));
  }
  // As PyYAML has it: a key of the map itself wins; of several maps that are merged, the first.
  const base: Record<string, Data> = {};
  for (const source of merged.toReversed()) if (isMap(source)) Object.assign(base, source);
  return { ...base, ...Object.fromEntries(entries) };
}

function mergeSources(value: Data, offset: number, context: Conversion): readonly Data[] {
  const sources: readonly Data[] = Array.isArray(value) ? value : [value];
  if (sources.every((source) => isMap(source))) return sources;
  context.fault(context.path, offset, "<< takes a map or a list of maps");
  return [];
}

/** The key as JSON has it: `true` for `on`, `1` for 1 (json.dumps does the same). */
function keyText(node: Node | null, context: Conversion, offset: number): string {
  if (node === null) return "null";
  if (isScalar(node)) {
    const resolved = resolveScalar(node);
    if (resolved.fault !== undefined) context.fault(context.path, offset, resolved.fault);
    if (resolved.tag !== "str" && resolved.tag !== "time") {
      const text = String(node.value);
      const key = resolved.value === null ? "null" : String(resolved.value);
      if (key !== text) {
        context.warn(
          [...context.path, key],
          offset,
          "surprising_key",
          `the key ${text} is read as ${key}; put it in quotes`,
        );
      }
      return key;
    }
    return String(resolved.value);
  }
  if (isAlias(node)) {
    const target = convertAlias(node, context);
    if (typeof target === "string") return target;
  }
  context.fault(context.path, offset, "a key must be a plain value, not a list or map");
  return "";
}

function shortTag(tag: string | undefined): string | undefined {
  if (tag === undefined || tag === "" || tag === "!") return tag === "!" ? "str" : undefined;
  return tag.replace(/^tag:yaml\.org,2002:/, "");
}

function toNode(value: unknown): Node | null {
  return isScalar(value) || isYamlMap(value) || isSeq(value) || isAlias(value) ? value : null;
}

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function findOffset(root: Node | null, path: Path): number {
  let node = root;
  let offset = root === null ? 0 : offsetOf(root);
  for (const part of path) {
    if (isYamlMap(node)) {
      const pair = node.items.findLast((item) => {
        const key = toNode(item.key);
        return (
          isScalar(key) && (key.value === part || String(resolveScalar(key).value) === String(part))
        );
      });
      if (pair === undefined) return offset;
      const key = toNode(pair.key);
      if (key !== null) offset = offsetOf(key);
      node = toNode(pair.value);
    } else if (isSeq(node) && typeof part === "number") {
      node = toNode(node.items[part]);
      if (node === null) return offset;
      offset = offsetOf(node);
    } else return offset;
  }
  return offset;
}
