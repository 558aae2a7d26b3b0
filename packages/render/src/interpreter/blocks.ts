import type { NodeOf, Scope } from "../syntax/nodes.ts";
import { repr } from "../values/basics.ts";
import { PyError } from "../values/error.ts";
import { Markup } from "../values/markup.ts";
import { Undefined } from "../values/undefined.ts";
import { PyObject, type Value } from "../values/value.ts";
import type { Context } from "./context.ts";
import type { Frame } from "./frame.ts";
import { Output } from "./output.ts";
import { getTemplate } from "./template-module.ts";
import type { BlockBody, Template } from "./template.ts";
import type { Walker } from "./walker.ts";

/** Lays the blocks of a template behind those that templates derived from it gave. */
export function registerBlocks(context: Context, template: Template): void {
  for (const [name, block] of template.blocks) {
    const bodies = context.blocks.get(name);
    if (bodies === undefined) context.blocks.set(name, [{ block, template }]);
    else bodies.push({ block, template });
  }
}

/** The names that are assigned at a place, with their values. */
export function localsAt(scope: Scope | null, frame: Frame): [string, Value][] {
  const locals: [string, Value][] = [];
  for (const { name, place } of scope?.visible() ?? []) {
    const value = frame.get(place);
    if (value !== undefined) locals.push([name, value]);
  }
  return locals;
}

/** Runs a `block` statement: the body of the most derived template. */
export function runBlock(walker: Walker, node: NodeOf<"Block">, frame: Frame): void {
  if (node.toplevel && walker.silent && walker.parentTemplate !== undefined) return;
  const context = node.scoped
    ? walker.context.derive(localsAt(node.around, frame))
    : walker.context;
  const bodies = walker.context.blocks.get(node.name) ?? [];
  walker.mark(node);
  if (node.required && bodies.length <= 1) {
    throw new PyError("TemplateRuntimeError", `Required block ${repr(node.name)} not found`);
  }
  const [body] = bodies;
  if (body !== undefined) walker.block(context, body, walker.out);
}

/** Runs an `extends` statement. */
export function extendTemplate(walker: Walker, node: NodeOf<"Extends">, frame: Frame): void {
  if (walker.parentTemplate !== undefined) {
    walker.mark(node);
    throw new PyError("TemplateRuntimeError", "extended multiple times");
  }
  const name = walker.evaluate(node.template, frame);
  walker.mark(node);
  const parent = getTemplate(walker.run, name, walker.template.name);
  registerBlocks(walker.context, parent);
  walker.parentTemplate = parent;
}

/** `super`, or what `self.name` gives: calling it prints the block. */
export function blockReference(
  walker: Walker,
  context: Context,
  name: string,
  index: number,
): Value {
  const body = context.blocks.get(name)?.[index];
  if (body === undefined) {
    return new Undefined({ hint: `there is no parent block called ${repr(name)}.`, name: "super" });
  }
  return new BlockReference(walker, context, name, index, body);
}

class BlockReference extends PyObject {
  readonly typeName = "BlockReference";
  readonly #walker: Walker;
  readonly #context: Context;
  readonly #name: string;
  readonly #index: number;
  readonly #body: BlockBody;
  constructor(walker: Walker, context: Context, name: string, index: number, body: BlockBody) {
    super();
    this.#walker = walker;
    this.#context = context;
    this.#name = name;
    this.#index = index;
    this.#body = body;
  }
  override get objectName(): string {
    return "jinja2.runtime.BlockReference";
  }
  repr(): string {
    return "<jinja2.runtime.BlockReference object at 0x7f0000000000>";
  }
  override get callable(): boolean {
    return true;
  }
  override call(): Value {
    const out = new Output(this.#walker.run);
    this.#walker.block(this.#context, this.#body, out);
    const text = out.text();
    return this.#context.escaping.on ? new Markup(text) : text;
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "name") return this.#name;
    if (name !== "super") return undefined;
    return blockReference(this.#walker, this.#context, this.#name, this.#index + 1);
  }
}

function noBlock(): never {
  throw new PyError("KeyError", "0");
}

/** The `self` of templates: blocks by name. */
export class BlocksReference extends PyObject {
  readonly typeName = "TemplateReference";
  readonly #walker: Walker;
  readonly #context: Context;
  constructor(walker: Walker, context: Context) {
    super();
    this.#walker = walker;
    this.#context = context;
  }
  override get objectName(): string {
    return "jinja2.runtime.TemplateReference";
  }
  /** Python asks for `self[0]`, and no block has that name. */
  override iterate(): Iterable<Value> {
    return { [Symbol.iterator]: () => ({ next: noBlock }) };
  }
  repr(): string {
    return `<TemplateReference ${repr(this.#context.templateName ?? null)}>`;
  }
  override getItem(key: Value): Value | undefined {
    if (typeof key !== "string" || !this.#context.blocks.has(key)) return undefined;
    return blockReference(this.#walker, this.#context, key, 0);
  }
}
