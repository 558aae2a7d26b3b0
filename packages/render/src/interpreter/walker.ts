import type {
  BlockScope,
  Expression,
  MacroBody,
  Node,
  NodeBase,
  NodeOf,
  Scope,
} from "../syntax/nodes.ts";
import { repr, str, truth, iterate } from "../values/basics.ts";
import { PyError } from "../values/error.ts";
import { unpackValue } from "../values/iterator.ts";
import { escapeMarkup, Markup } from "../values/markup.ts";
import { Undefined } from "../values/undefined.ts";
import { orElse, PyObject, type Value } from "../values/value.ts";
import { Context } from "./context.ts";
import { Expressions, isConstant } from "./expressions.ts";
import { enter, type Frame } from "./frame.ts";
import { jsonText } from "./json-text.ts";
import { Loop } from "./loop.ts";
import { Macro } from "./macro.ts";
import { Namespace } from "./namespace.ts";
import type { Run } from "./run.ts";
import { findTemplate, TemplateModule } from "./template-module.ts";
import type { BlockBody, Template } from "./template.ts";

/** Runs the statements of one template in one context; expressions are walked by its base. */
export class Walker extends Expressions {
  #out: string[] = [];
  #parentTemplate: Template | undefined;
  /** Outside of blocks, a template that extends another prints nothing. */
  #silent = false;

  /** Runs a template from its root and gives what it printed. */
  static render(run: Run, template: Template, context: Context): string {
    return run.deeper(() => {
      for (const [name, block] of template.blocks) {
        const bodies = context.blocks.get(name) ?? [];
        bodies.push({ block, template });
        context.blocks.set(name, bodies);
      }
      return Walker.#root(run, template, context);
    });
  }

  static #root(run: Run, template: Template, context: Context): string {
    const walker = new Walker(run, template, context);
    const scope = template.root.scope;
    if (scope === null) throw new Error("a template is analysed before it runs");
    const frame = walker.#enterBlock(scope, undefined);
    walker.#silent = true;
    walker.#statements(template.root.body.children, frame);
    const own = walker.#out.join("");
    const parent = walker.#parentTemplate;
    if (parent === undefined) return own;
    return own + run.deeper(() => Walker.#root(run, parent, context));
  }

  /** The value of a template that is one expression. */
  static expression(run: Run, template: Template, context: Context): Value {
    const walker = new Walker(run, template, context);
    const [output] = template.root.body.children;
    const scope = template.root.scope;
    if (output?.kind !== "Output" || scope === null) return null;
    const [node] = output.items.children;
    if (node === undefined) return null;
    return walker.evaluate(node, enter(scope.scope, undefined, context));
  }

  #enterBlock(scope: BlockScope, body: BlockBody | undefined): Frame {
    const frame = enter(scope.scope, undefined, this.context);
    if (scope.self !== undefined)
      frame.slots[scope.self] = new BlocksReference(this.run, this.context);
    if (scope.super !== undefined && body !== undefined) {
      const bodies = this.context.blocks.get(body.block.name) ?? [];
      const index = bodies.indexOf(body) + 1;
      frame.slots[scope.super] = blockReference(this.run, this.context, body.block.name, index);
    }
    return frame;
  }

  /** Runs a block's body in a context. */
  static block(run: Run, context: Context, body: BlockBody): string {
    const walker = new Walker(run, body.template, context);
    const { scope } = body.block;
    if (scope === null) throw new Error("a template is analysed before it runs");
    const frame = walker.#enterBlock(scope, body);
    run.deeper(() => walker.#statements(body.block.body.children, frame));
    return walker.#out.join("");
  }

  #write(text: string): void {
    if (text === "") return;
    this.run.written(text.length);
    this.#out.push(text);
  }

  /** What the work prints, as text. */
  #capture(work: () => void): string {
    const outer = this.#out;
    this.#out = [];
    try {
      work();
      return this.#out.join("");
    } finally {
      this.#out = outer;
    }
  }

  /** Within macros and set blocks, a template that extends another prints as usual. */
  #audible<T>(work: () => T): T {
    const silent = this.#silent;
    this.#silent = false;
    try {
      return work();
    } finally {
      this.#silent = silent;
    }
  }

  #statements(nodes: readonly Node[], frame: Frame): void {
    for (const node of nodes) this.#statement(node, frame);
  }

  #inner(scope: Scope | null, frame: Frame): Frame {
    if (scope === null) throw new Error("a template is analysed before it runs");
    return enter(scope, frame, this.context);
  }

  #statement(node: Node, frame: Frame): void {
    switch (node.kind) {
      case "Output":
        this.#output(node, frame);
        return;
      case "If":
        this.#if(node, frame);
        return;
      case "For":
        this.#for(node, frame);
        return;
      case "Set":
        this.#assignTop(node.target, this.evaluate(node.value, frame), frame, node.toplevel);
        return;
      case "SetBlock": {
        const inner = this.#inner(node.scope, frame);
        const text = this.#audible(() =>
          this.#capture(() => this.#statements(node.body.children, inner)),
        );
        const plain = this.context.escaping.on ? new Markup(text) : text;
        const value = node.filter === null ? plain : this.filterText(node.filter, text, inner);
        this.#assignTop(node.target, value, frame, node.toplevel);
        return;
      }
      case "With": {
        const inner = this.#inner(node.scope, frame);
        for (const [index, target] of node.targets.children.entries()) {
          const value = node.values.children[index];
          if (value !== undefined) this.#assign(target, this.evaluate(value, frame), inner);
        }
        this.#statements(node.body.children, inner);
        return;
      }
      case "Autoescape": {
        const inner = this.#inner(node.scope, frame);
        const { escaping } = this.context;
        const before = escaping.on;
        escaping.on = truth(this.evaluate(node.enabled, inner));
        try {
          this.#statements(node.body.children, inner);
        } finally {
          escaping.on = before;
        }
        return;
      }
      case "Macro": {
        const macro = this.#macro(node.macro, frame);
        frame.set(node.place, macro);
        if (node.toplevel) this.#define(node.name, macro);
        return;
      }
      case "CallBlock": {
        const caller = this.#macro(node.macro, frame);
        this.#write(str(this.call(node.call, frame, ["caller", caller])));
        return;
      }
      case "FilterBlock": {
        const inner = this.#inner(node.scope, frame);
        const text = this.#capture(() => this.#statements(node.body.children, inner));
        this.#write(str(this.filterText(node.filter, text, inner)));
        return;
      }
      case "Block":
        this.#block(node, frame);
        return;
      case "Extends":
        this.#extends(node, frame);
        return;
      case "Include":
        this.#include(node, frame);
        return;
      case "Import": {
        const module = this.#module(node, frame);
        frame.set(node.place, module);
        if (node.toplevel) {
          this.context.vars.set(node.target, module);
          this.context.exported.delete(node.target);
        }
        return;
      }
      case "FromImport":
        this.#fromImport(node, frame);
        return;
      default:
        throw new Error(`${node.kind} is no statement`);
    }
  }

  #output(node: NodeOf<"Output">, frame: Frame): void {
    if (this.#silent && this.#parentTemplate !== undefined) return;
    for (const item of node.items.children) {
      if (item.kind === "TemplateData") this.#write(item.text);
      else this.#write(this.#printed(this.#folded(item, frame), item));
    }
  }

  #folded(node: Expression, frame: Frame): Value {
    try {
      return this.evaluate(node, frame);
    } catch (error) {
      if (!(error instanceof PyError) || !isConstant(node)) throw error;
      this.folding = true;
      try {
        return this.evaluate(node, frame);
      } finally {
        this.folding = false;
      }
    }
  }

  #printed(value: Value, node: NodeBase): string {
    if (typeof value === "string") {
      return this.context.escaping.on ? escapeMarkup(value).text : value;
    }
    this.mark(node);
    if (value instanceof Undefined) this.run.onUndefined?.(value, node, this.template);
    if (this.run.environment.structures === "json") {
      const json = jsonText(value);
      if (json !== undefined) return json;
    }
    return this.context.escaping.on ? escapeMarkup(value).text : str(value);
  }

  #if(node: NodeOf<"If">, frame: Frame): void {
    if (truth(this.evaluate(node.test, frame))) {
      this.#statements(node.body.children, frame);
      return;
    }
    for (const elif of node.elifs.children) {
      if (truth(this.evaluate(elif.test, frame))) {
        this.#statements(elif.body.children, frame);
        return;
      }
    }
    this.#statements(node.otherwise.children, frame);
  }

  #for(node: NodeOf<"For">, frame: Frame): void {
    const source = this.evaluate(node.iterable, frame);
    this.mark(node);
    if (!node.recursive) {
      this.#loop(node, frame, source, 0);
      return;
    }
    const recurse = (items: Value, depth: number): Value => {
      const text = this.#capture(() => this.#loop(node, frame, items, depth, recurse));
      return this.context.escaping.on ? new Markup(text) : text;
    };
    this.#write(str(recurse(source, 0)));
  }

  #loop(
    node: NodeOf<"For">,
    frame: Frame,
    source: Value,
    depth: number,
    recurse?: (items: Value, depth: number) => Value,
  ): void {
    const { scopes } = node;
    if (scopes === null) throw new Error("a template is analysed before it runs");
    const test = scopes.test;
    const all = iterate(source);
    const items = test === undefined ? all : this.#selected(node, test, all, frame);
    const body = node.body.children;
    let turned = false;
    if (scopes.extended) {
      const loop = new Loop(items, test === undefined ? source : undefined, depth, recurse);
      for (let item = loop.next(); item !== undefined; item = loop.next()) {
        turned = true;
        this.run.step();
        const inner = enter(scopes.body, frame, this.context);
        inner.slots[0] = loop;
        this.#assign(node.target, item, inner);
        this.#statements(body, inner);
      }
    } else {
      for (const item of items) {
        turned = true;
        this.run.step();
        const inner = enter(scopes.body, frame, this.context);
        this.#assign(node.target, item, inner);
        this.#statements(body, inner);
      }
    }
    if (!turned && node.otherwise !== null) {
      this.#statements(node.otherwise.children, enter(scopes.otherwise, frame, this.context));
    }
  }

  *#selected(
    node: NodeOf<"For">,
    scope: Scope,
    items: Iterable<Value>,
    frame: Frame,
  ): Iterable<Value> {
    if (node.test === null) return;
    for (const item of items) {
      this.run.step();
      const inner = enter(scope, frame, this.context);
      this.#assign(node.target, item, inner);
      if (truth(this.evaluate(node.test, inner))) yield item;
    }
  }

  #assign(target: Expression, value: Value, frame: Frame): void {
    switch (target.kind) {
      case "Name":
        frame.set(target.place, value);
        return;
      case "NamespaceRef": {
        const namespace = frame.get(target.place);
        if (!(namespace instanceof Namespace)) {
          this.mark(target);
          throw new PyError(
            "TemplateRuntimeError",
            "cannot assign attribute on non-namespace object",
          );
        }
        namespace.set(target.attribute, value);
        return;
      }
      case "Tuple": {
        const targets = target.items.children;
        this.mark(target);
        const values = unpackValue(value, targets.length);
        for (const [index, item] of targets.entries()) {
          this.#assign(item, values[index] ?? null, frame);
        }
        return;
      }
      default:
        throw new Error(`${target.kind} is no target`);
    }
  }

  #assignTop(target: Expression, value: Value, frame: Frame, toplevel: boolean): void {
    this.mark(target);
    this.#assign(target, value, frame);
    if (toplevel) this.#defineTargets(target, frame);
  }

  #defineTargets(target: Expression, frame: Frame): void {
    if (target.kind === "Name") this.#define(target.name, frame.get(target.place) ?? null);
    else if (target.kind === "Tuple") {
      for (const item of target.items.children) this.#defineTargets(item, frame);
    }
  }

  #define(name: string, value: Value): void {
    this.context.vars.set(name, value);
    if (!name.startsWith("_")) this.context.exported.add(name);
  }

  #macro(body: MacroBody, frame: Frame): Macro {
    const { scope } = body;
    if (scope === null) throw new Error("a template is analysed before it runs");
    const names = body.parameters.children;
    const defaults = body.defaults.children;
    const firstDefault = names.length - defaults.length;
    return new Macro(body, scope, (given) => {
      const inner = enter(scope.scope, frame, this.context);
      for (const [index, name] of names.entries()) {
        const value = given.parameters[index];
        if (value !== undefined) inner.set(name.place, value);
      }
      if (scope.caller !== undefined) inner.slots[scope.caller] = given.caller;
      if (scope.kwargs !== undefined) inner.slots[scope.kwargs] = given.kwargs;
      if (scope.varargs !== undefined) inner.slots[scope.varargs] = given.varargs;
      for (const [index, name] of names.entries()) {
        if (given.parameters[index] !== undefined) continue;
        const fallback = defaults[index - firstDefault];
        inner.set(
          name.place,
          fallback === undefined
            ? new Undefined({
                hint: `parameter ${repr(name.name)} was not provided`,
                name: name.name,
              })
            : this.evaluate(fallback, inner),
        );
      }
      const text = this.#audible(() =>
        this.#capture(() => this.#statements(body.body.children, inner)),
      );
      return this.context.escaping.on ? new Markup(text) : text;
    });
  }

  #locals(scope: Scope | null, frame: Frame): [string, Value][] {
    const locals: [string, Value][] = [];
    for (const { name, place } of scope?.visible() ?? []) {
      const value = frame.get(place);
      if (value !== undefined) locals.push([name, value]);
    }
    return locals;
  }

  #block(node: NodeOf<"Block">, frame: Frame): void {
    if (node.toplevel && this.#silent && this.#parentTemplate !== undefined) return;
    const context = node.scoped
      ? this.context.derive(this.#locals(node.around, frame))
      : this.context;
    const bodies = this.context.blocks.get(node.name) ?? [];
    this.mark(node);
    if (node.required && bodies.length <= 1) {
      throw new PyError("TemplateRuntimeError", `Required block ${repr(node.name)} not found`);
    }
    const [body] = bodies;
    if (body !== undefined) this.#write(Walker.block(this.run, context, body));
  }

  #extends(node: NodeOf<"Extends">, frame: Frame): void {
    if (this.#parentTemplate !== undefined) {
      this.mark(node);
      throw new PyError("TemplateRuntimeError", "extended multiple times");
    }
    const name = this.evaluate(node.template, frame);
    this.mark(node);
    const parent = findTemplate(this.run, name, this.template.name, false);
    for (const [blockName, block] of parent.blocks) {
      const bodies = this.context.blocks.get(blockName) ?? [];
      bodies.push({ block, template: parent });
      this.context.blocks.set(blockName, bodies);
    }
    this.#parentTemplate = parent;
  }

  #include(node: NodeOf<"Include">, frame: Frame): void {
    const name = this.evaluate(node.template, frame);
    this.mark(node);
    let template: Template;
    try {
      template = findTemplate(this.run, name, this.template.name, true);
    } catch (error) {
      const missing =
        error instanceof PyError &&
        (error.type === "TemplateNotFound" || error.type === "TemplatesNotFound");
      if (node.ignoreMissing && missing) return;
      throw error;
    }
    const context = node.withContext
      ? new Context(
          this.context.source,
          this.context.snapshot(this.#locals(node.around, frame)),
          template.name,
        )
      : new Context(this.run.globals, new Map(), template.name);
    this.#write(Walker.render(this.run, template, context));
  }

  #module(node: NodeOf<"Import"> | NodeOf<"FromImport">, frame: Frame): TemplateModule {
    const name = this.evaluate(node.template, frame);
    this.mark(node);
    const template = findTemplate(this.run, name, this.template.name, false);
    const key = template.name ?? "";
    const known = node.withContext ? undefined : this.run.modules.get(key);
    if (known instanceof TemplateModule) return known;
    const context = node.withContext
      ? new Context(
          this.context.source,
          this.context.snapshot(this.#locals(node.around, frame)),
          template.name,
        )
      : new Context(this.run.globals, new Map(), template.name);
    const body = Walker.render(this.run, template, context);
    const module = new TemplateModule(template.name, context, body);
    if (!node.withContext) this.run.modules.set(key, module);
    return module;
  }

  #fromImport(node: NodeOf<"FromImport">, frame: Frame): void {
    const module = this.#module(node, frame);
    for (const { name, alias, place } of node.names) {
      const value = orElse(
        module.getAttribute(name),
        () =>
          new Undefined({
            hint:
              `the template ${module.label} (imported on line ${node.lineno}` +
              `${this.template.name === undefined ? "" : ` in ${repr(this.template.name)}`}) ` +
              `does not export the requested name ${repr(name)}`,
            name,
          }),
      );
      frame.set(place, value);
      if (node.toplevel) {
        this.context.vars.set(alias, value);
        this.context.exported.delete(alias);
      }
    }
  }
}

/** `super`, or what `self.name` gives: calling it prints the block. */
function blockReference(run: Run, context: Context, name: string, index: number): Value {
  const body = context.blocks.get(name)?.[index];
  if (body === undefined) {
    return new Undefined({ hint: `there is no parent block called ${repr(name)}.`, name: "super" });
  }
  return new BlockReference(run, context, name, index, body);
}

class BlockReference extends PyObject {
  readonly typeName = "BlockReference";
  readonly #run: Run;
  readonly #context: Context;
  readonly #name: string;
  readonly #index: number;
  readonly #body: BlockBody;
  constructor(run: Run, context: Context, name: string, index: number, body: BlockBody) {
    super();
    this.#run = run;
    this.#context = context;
    this.#name = name;
    this.#index = index;
    this.#body = body;
  }
  repr(): string {
    return "<BlockReference>";
  }
  override get callable(): boolean {
    return true;
  }
  override call(): Value {
    const text = Walker.block(this.#run, this.#context, this.#body);
    return this.#context.escaping.on ? new Markup(text) : text;
  }
  override getAttribute(name: string): Value | undefined {
    if (name !== "super") return undefined;
    return blockReference(this.#run, this.#context, this.#name, this.#index + 1);
  }
}

/** The `self` of templates: blocks by name. */
class BlocksReference extends PyObject {
  readonly typeName = "TemplateReference";
  readonly #run: Run;
  readonly #context: Context;
  constructor(run: Run, context: Context) {
    super();
    this.#run = run;
    this.#context = context;
  }
  override get objectName(): string {
    return "jinja2.runtime.TemplateReference";
  }
  repr(): string {
    return `<TemplateReference ${repr(this.#context.templateName ?? null)}>`;
  }
  override getItem(key: Value): Value | undefined {
    if (typeof key !== "string" || !this.#context.blocks.has(key)) return undefined;
    return blockReference(this.#run, this.#context, key, 0);
  }
}
