import {
  type Escape,
  type Expression,
  node as makeNode,
  nodeList,
  type Node,
  type NodeOf,
  replaceChildren,
} from "../syntax/nodes.ts";
import { binary } from "../values/attributes.ts";
import { str, truth } from "../values/basics.ts";
import { ComplexValue } from "../values/complex.ts";
import { PyDict } from "../values/dict.ts";
import { PyError } from "../values/error.ts";
import { fresh } from "../values/fresh.ts";
import { checkText, defaultLimits, withLimits } from "../values/limits.ts";
import { escapeMarkup, Markup } from "../values/markup.ts";
import { PyRange } from "../values/range.ts";
import { joinedSize, PyList, PyTuple } from "../values/sequence.ts";
import { Undefined } from "../values/undefined.ts";
import { PyObject, type Value } from "../values/value.ts";
import { Context } from "./context.ts";
import type { Environment } from "./environment.ts";
import { Expressions } from "./expressions.ts";
import { Frame } from "./frame.ts";
import { Run } from "./run.ts";

/** Filters that Jinja does not compute beforehand, for they take the context. */
const LATE = new Set(["map", "select", "reject", "selectattr", "rejectattr", "random"]);

/** Most that is spent on one constant: what takes more is left for the rendering. */
const LIMITS = {
  ...defaultLimits,
  steps: 10_000,
  output: 100_000,
  depth: 50,
  text: 100_000,
  items: 10_000,
  bits: 20_000,
};

/** Longest text that is kept as a constant. */
const LONGEST = 10_000;

const IMPOSSIBLE = new PyError("Impossible", "no constant");

/** How a place escapes: `volatile` where an `autoescape` block asks a name. */
interface Mode {
  readonly on: boolean;
  readonly volatile: boolean;
}

const escapeOf = (mode: Mode): Escape => (mode.volatile ? undefined : mode.on);

/**
 * Computes the constants of a template beforehand, as Jinja does, and notes where output is escaped. It shows:
 * a slice of what cannot be sliced is undefined in a constant, and an error otherwise.
 */
export function foldConstants(
  root: NodeOf<"Template">,
  environment: Environment,
  escape: boolean,
): void {
  const mode = { on: escape, volatile: false };
  new Folder(environment, mode).statement(root, mode);
}

/** Evaluates what has neither names nor calls. */
class Constants extends Expressions {
  protected override constant(value: Value): Value {
    return value instanceof PyObject ? fresh(value, true) : value;
  }
  protected override negativePower(left: Value, right: Value): Value {
    return binary("**", left, right);
  }
  override evaluate(node: Expression, frame: Frame): Value {
    if (node.kind === "Name" || node.kind === "Call" || node.kind === "NamespaceRef") {
      throw IMPOSSIBLE;
    }
    if (node.kind === "Filter" && (node.target === null || LATE.has(node.name))) throw IMPOSSIBLE;
    if (node.kind === "Concat") {
      const texts = node.items.children.map((item) => str(this.evaluate(item, frame)));
      checkText(joinedSize(texts, ""));
      return texts.join("");
    }
    if (node.kind === "Item" && node.key.kind === "Slice") {
      const target = this.evaluate(node.target, frame);
      const slice = this.evaluate(node.key, frame);
      if (!isSliceable(target)) return new Undefined({ object: target, name: slice });
      try {
        return super.evaluate(node, frame);
      } catch (error) {
        if (!(error instanceof PyError) || error.type !== "TypeError") throw error;
        return new Undefined({ object: target, name: slice });
      }
    }
    if (
      node.kind === "Conditional" &&
      node.otherwise === null &&
      !truth(this.evaluate(node.test, frame))
    ) {
      throw IMPOSSIBLE;
    }
    return super.evaluate(node, frame);
  }
}

class Folder {
  readonly #environment: Environment;
  /** Blocks are compiled apart, whatever is around them. */
  readonly #root: Mode;
  readonly #frame = new Frame(0, undefined);

  constructor(environment: Environment, root: Mode) {
    this.#environment = environment;
    this.#root = root;
  }

  /** The value of an expression, undefined where it is no constant. */
  #value(expression: Expression, mode: Mode): Value | undefined {
    const names = { get: (): undefined => undefined };
    const run = new Run(this.#environment, names, LIMITS);
    const context = new Context(names, new Map(), undefined, [], { on: mode.on });
    const template = { root: ROOT, blocks: new Map(), name: undefined, source: "" };
    try {
      const constants = new Constants(run, template, context);
      return withLimits(LIMITS, () => constants.evaluate(expression, this.#frame));
    } catch (error) {
      if (error instanceof PyError) return undefined;
      throw error;
    }
  }

  statement(node: Node, mode: Mode): void {
    switch (node.kind) {
      case "Output":
        this.#output(node, mode);
        return;
      case "Autoescape": {
        node.enabled = this.expression(node.enabled, mode).node;
        const value = this.#value(node.enabled, mode);
        const inner =
          value === undefined
            ? { on: mode.on, volatile: true }
            : { on: truth(value), volatile: mode.volatile };
        for (const child of node.body.children) this.statement(child, inner);
        return;
      }
      case "Block":
        for (const child of node.body.children) this.statement(child, this.#root);
        return;
      case "For":
      case "SetBlock":
      case "MacroBody":
      case "FilterBlock":
        node.escape = escapeOf(mode);
        break;
      default:
    }
    const target = "target" in node ? node.target : undefined;
    replaceChildren(node, (child) => (child === target ? child : this.#child(child, mode)));
  }

  #child(child: Node, mode: Mode): Node {
    if (isExpression(child)) return this.expression(child, mode).node;
    this.statement(child, mode);
    return child;
  }

  #output(output: NodeOf<"Output">, mode: Mode): void {
    output.escape = escapeOf(mode);
    const items: Expression[] = [];
    for (const item of output.items.children) {
      if (item.kind === "TemplateData") {
        merge(items, item, mode);
        continue;
      }
      const folded = this.expression(item, mode);
      const value = folded.constant ? this.#value(folded.node, mode) : undefined;
      if (value === undefined) items.push(folded.node);
      else if (isScalar(value)) {
        const text = mode.on ? escapeMarkup(value).text : str(value);
        merge(items, makeNode("TemplateData", placeOf(item), { text }), mode);
      } else items.push(makeNode("Const", placeOf(item), { value }));
    }
    output.items.children = items;
  }

  /** An expression with its constant parts computed; `constant` where it is one that has no literal. */
  expression(
    expression: Expression,
    mode: Mode,
  ): { readonly node: Expression; readonly constant: boolean } {
    const { kind } = expression;
    if (kind === "Const") return { node: expression, constant: true };
    if (kind === "Name" || kind === "NamespaceRef" || kind === "TemplateData") {
      return { node: expression, constant: false };
    }
    if (kind === "Concat") expression.escape = escapeOf(mode);
    const constants: boolean[] = [];
    const visit = (child: Node): Node => {
      if (!isExpression(child)) {
        replaceChildren(child, visit);
        return child;
      }
      const folded = this.expression(child, mode);
      constants.push(folded.constant);
      return folded.node;
    };
    replaceChildren(expression, visit);
    if (kind === "Call") return { node: expression, constant: false };
    const lazy = kind === "Logical" || kind === "Conditional" || kind === "Compare";
    const maybe = lazy ? constants[0] === true : constants.every((constant) => constant);
    if (!maybe) return { node: expression, constant: false };
    if (kind === "Slice") return { node: expression, constant: true };
    if (mode.volatile) return { node: expression, constant: kind !== "Filter" && kind !== "Test" };
    const value = this.#value(expression, mode);
    if (value === undefined) return { node: expression, constant: false };
    return isLiteral(value)
      ? { node: makeNode("Const", placeOf(expression), { value }), constant: true }
      : { node: expression, constant: true };
  }
}

const ROOT = makeNode(
  "Template",
  { line: 1, column: 1 },
  { body: nodeList<Node>([]), scope: null },
);

const placeOf = (node: Node): { line: number; column: number } => ({
  line: node.lineno,
  column: node.colno,
});

/** Adds constant text, to the text before it if there is some. */
function merge(items: Expression[], data: NodeOf<"TemplateData">, mode: Mode): void {
  const last = items.at(-1);
  if (last?.kind === "TemplateData" && !mode.volatile) {
    items[items.length - 1] = makeNode("TemplateData", placeOf(last), {
      text: last.text + data.text,
    });
  } else items.push(data);
}

const EXPRESSIONS: ReadonlySet<string> = new Set([
  "Name",
  "NamespaceRef",
  "Const",
  "TemplateData",
  "Tuple",
  "List",
  "Dict",
  "Conditional",
  "Binary",
  "Logical",
  "Not",
  "Unary",
  "Concat",
  "Compare",
  "Attribute",
  "Item",
  "Slice",
  "Call",
  "Filter",
  "Test",
]);

function isExpression(node: Node): node is Expression {
  return EXPRESSIONS.has(node.kind);
}

const isScalar = (value: Value): boolean => !(value instanceof PyObject) || value instanceof Markup;

/** What Jinja can write down as a constant (`has_safe_repr`). */
function isLiteral(value: Value): boolean {
  if (typeof value === "string") return value.length <= LONGEST;
  if (!(value instanceof PyObject)) return true;
  if (value instanceof Markup) return value.text.length <= LONGEST;
  if (value instanceof PyRange || value instanceof ComplexValue) return true;
  if (value instanceof PyList || value instanceof PyTuple) {
    return value.items.length <= LONGEST && value.items.every(isLiteral);
  }
  if (!(value instanceof PyDict)) return false;
  return [...value.entries.values()].every(([key, item]) => isLiteral(key) && isLiteral(item));
}

const SLICEABLE = new Set(["list", "tuple", "range", "bytes", "Markup"]);

const isSliceable = (value: Value): boolean =>
  typeof value === "string" || (value instanceof PyObject && SLICEABLE.has(value.typeName));
