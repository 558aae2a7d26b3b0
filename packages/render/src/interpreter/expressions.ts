import { FloatValue } from "@lava/core";
import {
  type Arguments,
  type Call,
  type Escape,
  type Expression,
  type Filter,
  type NodeBase,
  type NodeOf,
} from "../syntax/nodes.ts";
import { binary, unary } from "../values/attributes.ts";
import { compareWith, contains, differs, equals, iterate, str, truth } from "../values/basics.ts";
import { PyDict } from "../values/dict.ts";
import { PyError, typeError } from "../values/error.ts";
import { fresh, noSuchName } from "../values/fresh.ts";
import { checkItems, checkText } from "../values/limits.ts";
import { escapeMarkup, Markup } from "../values/markup.ts";
import { joinedSize, PyList, PyTuple } from "../values/sequence.ts";
import { PySlice } from "../values/slice.ts";
import { textRepr } from "../values/text.ts";
import { Undefined } from "../values/undefined.ts";
import { type CallArguments, orElse, PyObject, typeName, type Value } from "../values/value.ts";
import type { Context } from "./context.ts";
import type { Frame } from "./frame.ts";
import { item, member } from "./members.ts";
import type { Run } from "./run.ts";
import type { Template } from "./template.ts";

const NO_KEYWORDS: ReadonlyMap<string, Value> = new Map();

/** Evaluates expressions by walking their nodes. */
export class Expressions {
  readonly run: Run;
  readonly template: Template;
  readonly context: Context;
  constructor(run: Run, template: Template, context: Context) {
    this.run = run;
    this.template = template;
    this.context = context;
  }

  /** Notes what is being worked on, for errors. */
  mark(node: NodeBase): void {
    this.run.at = node;
    this.run.template = this.template;
  }

  evaluate(node: Expression, frame: Frame): Value {
    switch (node.kind) {
      case "Name":
        return orElse(frame.get(node.place), () => new Undefined({ name: node.name }));
      case "Const":
        return this.constant(node.value);
      case "Attribute": {
        const target = this.evaluate(node.target, frame);
        this.mark(node);
        return member(target, node.name);
      }
      case "Item": {
        const target = this.evaluate(node.target, frame);
        const key = this.evaluate(node.key, frame);
        this.mark(node);
        return item(target, key);
      }
      case "Call":
        return this.call(node, frame);
      case "Filter":
        return this.#filter(node, frame);
      case "Test":
        return this.#test(node, frame);
      case "Binary": {
        const left = this.evaluate(node.left, frame);
        const right = this.evaluate(node.right, frame);
        this.mark(node);
        if (node.operator === "**" && node.left.kind === "Const" && isNegative(left)) {
          return this.negativePower(left, right);
        }
        return binary(node.operator, left, right);
      }
      case "Compare":
        return this.#compare(node, frame);
      case "Logical": {
        const left = this.evaluate(node.left, frame);
        return truth(left) === (node.operator === "or") ? left : this.evaluate(node.right, frame);
      }
      case "Not":
        return !truth(this.evaluate(node.operand, frame));
      case "Conditional":
        return this.#conditional(node, frame);
      case "Concat":
        return this.#concat(node, frame);
      case "Unary": {
        const operand = this.evaluate(node.operand, frame);
        this.mark(node);
        return unary(node.operator, operand);
      }
      case "List":
        return new PyList(this.values(node.items.children, frame));
      case "Tuple":
        return new PyTuple(this.values(node.items.children, frame));
      case "Dict": {
        const pairs = node.items.children.map(
          ({ key, value }) => [this.evaluate(key, frame), this.evaluate(value, frame)] as const,
        );
        this.mark(node);
        return new PyDict(pairs);
      }
      case "Slice":
        return new PySlice(
          node.start === null ? null : this.evaluate(node.start, frame),
          node.stop === null ? null : this.evaluate(node.stop, frame),
          node.step === null ? null : this.evaluate(node.step, frame),
        );
      case "TemplateData":
      case "NamespaceRef":
        throw new Error(`${node.kind} has no value`);
    }
  }

  /** Jinja writes a constant into Python code as its repr: `inf` and `nan` are names there that nobody defined. */
  protected constant(value: Value): Value {
    if (typeof value === "number" && !Number.isFinite(value)) throw noSuchName(value);
    return value instanceof PyObject ? fresh(value) : value;
  }

  /** `(-2) ** n` of Jinja: in the code that it writes the sign comes after the power. */
  protected negativePower(left: Value, right: Value): Value {
    return unary("-", binary("**", unary("-", left), right));
  }

  protected values(nodes: readonly Expression[], frame: Frame): Value[] {
    return nodes.map((node) => this.evaluate(node, frame));
  }

  #conditional(node: NodeOf<"Conditional">, frame: Frame): Value {
    if (truth(this.evaluate(node.test, frame))) return this.evaluate(node.then, frame);
    if (node.otherwise !== null) return this.evaluate(node.otherwise, frame);
    const { name } = this.template;
    const where = name === undefined ? "" : ` in ${textRepr(name)}`;
    return new Undefined({
      hint:
        `the inline if-expression on line ${node.lineno}${where} evaluated to false ` +
        "and no else section was defined.",
    });
  }

  #concat(node: NodeOf<"Concat">, frame: Frame): Value {
    const values = this.values(node.items.children, frame);
    if (node.escape === true && values.some((value) => value instanceof Markup)) {
      return new Markup(values.map((value) => escapeMarkup(value).text).join(""));
    }
    const texts = values.map(str);
    checkText(joinedSize(texts, ""));
    return texts.join("");
  }

  #compare(node: NodeOf<"Compare">, frame: Frame): Value {
    let left = this.evaluate(node.first, frame);
    for (const { operator, operand } of node.rest.children) {
      const right = this.evaluate(operand, frame);
      this.mark(node);
      if (!holds(operator, left, right)) return false;
      left = right;
    }
    return true;
  }

  call(node: Call, frame: Frame, extra?: readonly [string, Value]): Value {
    const target = this.evaluate(node.target, frame);
    const call = this.arguments(node.arguments, frame, extra);
    this.mark(node);
    this.run.step();
    if (!(target instanceof PyObject) || !target.callable) {
      throw typeError(`'${typeName(target)}' object is not callable`);
    }
    this.run.enter();
    const result = target.call(call);
    this.run.leave();
    this.mark(node);
    return result;
  }

  protected arguments(
    node: Arguments,
    frame: Frame,
    extra?: readonly [string, Value],
  ): CallArguments {
    const args = this.values(node.positional.children, frame);
    if (node.rest !== null) this.#spreadRest(node.rest, frame, args);
    const keywords = node.keywords.children;
    if (keywords.length === 0 && node.keywordRest === null && extra === undefined) {
      return { args, kwargs: NO_KEYWORDS };
    }
    const kwargs = new Map<string, Value>();
    for (const keyword of keywords) {
      if (kwargs.has(keyword.name)) {
        this.mark(keyword);
        throw new PyError("SyntaxError", `keyword argument repeated: ${keyword.name}`);
      }
      kwargs.set(keyword.name, this.evaluate(keyword.value, frame));
    }
    if (extra !== undefined) kwargs.set(...extra);
    if (node.keywordRest !== null) this.#spread(node.keywordRest, frame, kwargs);
    return { args, kwargs };
  }

  #spreadRest(node: Expression, frame: Frame, args: Value[]): void {
    const value = this.evaluate(node, frame);
    this.mark(node);
    if (
      typeof value !== "string" &&
      !(value instanceof PyObject && value.iterate() !== undefined)
    ) {
      throw typeError(`Value after * must be an iterable, not ${typeName(value)}`);
    }
    for (const item of iterate(value)) args.push(item);
    checkItems(args.length);
  }

  #spread(node: Expression, frame: Frame, kwargs: Map<string, Value>): void {
    const value = this.evaluate(node, frame);
    this.mark(node);
    if (value instanceof Undefined) value.fail();
    if (!(value instanceof PyDict)) {
      throw typeError(
        `jinja2.runtime.Context.call() argument after ** must be a mapping, not ${typeName(value)}`,
      );
    }
    for (const [key, entry] of value.entries.values()) {
      if (typeof key !== "string") throw typeError("keywords must be strings");
      if (kwargs.has(key)) throw typeError(`got multiple values for keyword argument '${key}'`);
      kwargs.set(key, entry);
    }
  }

  #filter(node: Filter, frame: Frame): Value {
    if (node.target === null) throw new Error("a filter without a value belongs to a filter block");
    return this.applyFilter(node, this.evaluate(node.target, frame), frame);
  }

  protected applyFilter(node: Filter, value: Value, frame: Frame): Value {
    const call = this.arguments(node.arguments, frame);
    this.mark(node);
    this.run.step();
    const filter = this.run.environment.filter(node.name);
    return filter(value, call, { run: this.run, context: this.context });
  }

  /** Text that was printed: safe where the place escapes. */
  safe(text: string, escape: Escape): Value {
    return (escape ?? this.context.escaping.on) ? new Markup(text) : text;
  }

  /** A filter, or a chain of them, over the text of a block. */
  protected filterText(node: Filter, text: Value, frame: Frame): Value {
    const inner =
      node.target === null
        ? text
        : node.target.kind === "Filter"
          ? this.filterText(node.target, text, frame)
          : this.evaluate(node.target, frame);
    return this.applyFilter(node, inner, frame);
  }

  #test(node: NodeOf<"Test">, frame: Frame): Value {
    const value = this.evaluate(node.target, frame);
    const call = this.arguments(node.arguments, frame);
    this.mark(node);
    const test = this.run.environment.test(node.name);
    return test(value, call, { run: this.run, context: this.context });
  }
}

/** Whether the repr of a number begins with a sign. */
function isNegative(value: Value): boolean {
  if (typeof value === "number" || typeof value === "bigint") return value < 0;
  return value instanceof FloatValue && (value.value < 0 || Object.is(value.value, -0));
}

function holds(operator: string, left: Value, right: Value): boolean {
  switch (operator) {
    case "==":
      return equals(left, right);
    case "!=":
      return differs(left, right);
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compareWith(operator, left, right);
    case "in":
      return contains(right, left);
    default:
      return !contains(right, left);
  }
}
