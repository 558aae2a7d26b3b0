import { type Issue, isMap } from "@lava/core";
import { builtinGlobals } from "./globals.ts";
import type { TemplateContext } from "./renderer.ts";
import { jobDelimiters } from "./syntax/delimiters.ts";
import { childrenOf, type Node } from "./syntax/nodes.ts";
import { parseTemplate } from "./syntax/parser.ts";
import { TemplateSyntaxError } from "./syntax/syntax-error.ts";

/** Names that a template makes by itself. */
const OWN = ["loop", "self", "super", "caller", "varargs", "kwargs"];
/** Methods that every dict has (T-30). */
const DICT_METHODS = new Set(
  "clear copy fromkeys get items keys pop popitem setdefault update values".split(" "),
);

/**
 * The names, and members of maps, that a template reads and that its context does not have, whether what reads them
 * runs or not. What the template asks about first (`x is defined`, `x | default(...)`, `{% if x %}`) is no fault, and
 * neither is a name that the template assigns anywhere. A template that cannot be parsed gives none.
 */
export function findUndefinedNames(source: string, context: TemplateContext): Issue[] {
  let root: Node;
  try {
    root = parseTemplate(source, jobDelimiters);
  } catch (error) {
    if (error instanceof TemplateSyntaxError) return [];
    throw error;
  }
  const assigned = new Set(OWN);
  const asked = new Set<string>();
  noteNames(root, assigned, asked);
  const found = new Map<string, Issue>();
  const report = (at: Node, message: string): void => {
    const issue: Issue = {
      path: [],
      code: "undefined_name",
      message,
      line: at.lineno,
      column: at.colno,
    };
    found.set(JSON.stringify(issue), issue);
  };
  const walk = (node: Node): void => {
    const chain = chainOf(node);
    const [name] = chain ?? [];
    if (chain === undefined || name === undefined) {
      for (const child of childrenOf(node)) walk(child);
      return;
    }
    if (!assigned.has(name)) judge(node, chain, { context, asked, report });
    // What stands in brackets is read too.
    for (let part: Node = node; part.kind !== "Name";) {
      if (part.kind === "Item") walk(part.key);
      if (part.kind !== "Item" && part.kind !== "Attribute") break;
      part = part.target;
    }
  };
  walk(root);
  return [...found.values()];
}

interface Judging {
  readonly context: TemplateContext;
  readonly asked: ReadonlySet<string>;
  readonly report: (at: Node, message: string) => void;
}

function judge(at: Node, chain: readonly string[], { context, asked, report }: Judging): void {
  const [name = "", ...members] = chain;
  if (asked.has(name)) return;
  if (!Object.hasOwn(context, name) || context[name] === undefined) {
    if (!builtinGlobals.has(name)) report(at, `'${name}' is undefined`);
    return;
  }
  let value: unknown = context[name];
  let path = name;
  for (const member of members) {
    path += `.${member}`;
    if (!isPlainMap(value) || DICT_METHODS.has(member) || asked.has(path)) return;
    if (!Object.hasOwn(value, member)) {
      report(at, `'dict object' has no attribute '${member}'`);
      return;
    }
    value = value[member];
  }
}

function isPlainMap(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isMap(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** `a.b['c']` as `a`, `b`, `c`; of `a[i].d` only what comes before the first key that is not written out. */
function chainOf(node: Node): string[] | undefined {
  if (node.kind === "Name") return [node.name];
  if (node.kind === "Attribute") {
    const chain = chainOf(node.target);
    return chain === undefined || isOpen(node.target) ? chain : [...chain, node.name];
  }
  if (node.kind !== "Item") return undefined;
  const chain = chainOf(node.target);
  if (chain === undefined || isOpen(node)) return chain;
  return node.key.kind === "Const" ? [...chain, String(node.key.value)] : chain;
}

/** Whether a key of the chain is known only when it runs. */
function isOpen(node: Node): boolean {
  if (node.kind === "Attribute") return isOpen(node.target);
  if (node.kind !== "Item") return false;
  return node.key.kind !== "Const" || typeof node.key.value !== "string" || isOpen(node.target);
}

/** Names that are assigned anywhere, and chains that are asked about. */
function noteNames(node: Node, assigned: Set<string>, asked: Set<string>): void {
  const ask = (...questions: readonly (Node | null)[]): void => {
    for (const question of questions) {
      const chain = question === null ? undefined : chainOf(question);
      if (chain !== undefined) asked.add(chain.join("."));
    }
  };
  const assign = (target: Node): void => {
    if (target.kind === "Name") assigned.add(target.name);
    else for (const child of childrenOf(target)) assign(child);
  };
  switch (node.kind) {
    case "For":
    case "Set":
    case "SetBlock":
      assign(node.target);
      break;
    case "With":
      for (const target of node.targets.children) assign(target);
      break;
    case "Macro":
      assigned.add(node.name);
      break;
    case "MacroBody":
      for (const parameter of node.parameters.children) assigned.add(parameter.name);
      break;
    case "Import":
      assigned.add(node.target);
      break;
    case "FromImport":
      for (const { alias } of node.names) assigned.add(alias);
      break;
    case "If":
    case "Conditional":
      ask(node.test);
      break;
    case "Not":
      ask(node.operand);
      break;
    case "Logical":
      ask(node.left, node.right);
      break;
    case "Test":
      if (/^(?:defined|undefined)$/.test(node.name)) ask(node.target);
      break;
    case "Filter":
      if (/^(?:d|default)$/.test(node.name)) ask(node.target);
      break;
    default:
  }
  for (const child of childrenOf(node)) noteNames(child, assigned, asked);
}
