import type { BlockScope, Expression, Node, NodeBase, NodeOf, Scope } from "../syntax/nodes.ts";
import { str, truth } from "../values/basics.ts";
import { escapeMarkup, Markup } from "../values/markup.ts";
import { Undefined } from "../values/undefined.ts";
import type { Value } from "../values/value.ts";
import { assign, assignTop, checkNamespaces, defineTop } from "./assign.ts";
import {
  BlocksReference,
  blockReference,
  extendTemplate,
  registerBlocks,
  runBlock,
} from "./blocks.ts";
import type { Context } from "./context.ts";
import { Expressions } from "./expressions.ts";
import { runFor } from "./for-loop.ts";
import { enter, type Frame } from "./frame.ts";
import { runFromImport, runImport, runInclude } from "./imports.ts";
import { jsonText } from "./json-text.ts";
import { makeMacro } from "./make-macro.ts";
import { Output } from "./output.ts";
import type { Run } from "./run.ts";
import type { BlockBody, Template } from "./template.ts";

/** Runs the statements of one template in one context; expressions are walked by its base. */
export class Walker extends Expressions {
  out: Output;
  /** Where an include without context writes: set blocks and filter blocks do not catch it in Jinja. */
  direct: Output;
  /** The template that this one extends, once it said so. */
  parentTemplate: Template | undefined;
  /** Outside of blocks, a template that extends another prints nothing. */
  silent = false;

  constructor(run: Run, template: Template, context: Context, out: Output) {
    super(run, template, context);
    this.out = out;
    this.direct = out;
  }

  /** Runs a template from its root and gives what it printed. */
  static render(run: Run, template: Template, context: Context): string {
    const out = new Output(run);
    Walker.#run(run, template, context, out);
    return out.text();
  }

  static #run(run: Run, template: Template, context: Context, out: Output): void {
    registerBlocks(context, template);
    let current: Template | undefined = template;
    let levels = 0;
    while (current !== undefined) {
      run.enter();
      levels++;
      const walker: Walker = new Walker(run, current, context, out);
      const scope = scopeOf(current.root.scope);
      const frame = walker.#enterBlock(scope, undefined);
      walker.silent = true;
      walker.statements(current.root.body.children, frame);
      current = walker.parentTemplate;
    }
    for (; levels > 0; levels--) run.leave();
  }

  /** The value of a template that is one expression. */
  static expression(run: Run, template: Template, context: Context): Value {
    const walker = new Walker(run, template, context, new Output(run));
    const [output] = template.root.body.children;
    if (output?.kind !== "Output") return null;
    const [node] = output.items.children;
    if (node === undefined) return null;
    return walker.evaluate(node, enter(scopeOf(template.root.scope).scope, undefined, context));
  }

  /** Runs a block's body in a context. */
  block(context: Context, body: BlockBody, out: Output): void {
    const { run } = this;
    const walker = new Walker(run, body.template, context, out);
    const frame = walker.#enterBlock(scopeOf(body.block.scope), body);
    run.enter();
    walker.statements(body.block.body.children, frame);
    run.leave();
  }

  /** Runs another template into what is already printed. */
  include(template: Template, context: Context, out: Output): void {
    const { including } = this.run;
    including.push(template.name ?? "");
    Walker.#run(this.run, template, context, out);
    including.pop();
  }

  #enterBlock(scope: BlockScope, body: BlockBody | undefined): Frame {
    const { context } = this;
    const frame = enter(scope.scope, undefined, context);
    if (scope.self !== undefined) frame.slots[scope.self] = new BlocksReference(this, context);
    if (scope.super !== undefined && body !== undefined) {
      const { name } = body.block;
      const index = (context.blocks.get(name) ?? []).indexOf(body) + 1;
      frame.slots[scope.super] = blockReference(this, context, name, index);
    }
    return frame;
  }

  /** What the work prints, as text. */
  capture(work: () => void): string {
    const outer = this.out;
    const own = new Output(this.run);
    this.out = own;
    try {
      work();
      return own.text();
    } finally {
      this.out = outer;
    }
  }

  /** What the body of a macro prints. */
  captureBody(nodes: readonly Node[], frame: Frame): string {
    const { direct } = this;
    try {
      return this.captureAudible(() => {
        this.direct = this.out;
        this.statements(nodes, frame);
      });
    } finally {
      this.direct = direct;
    }
  }

  /** Within macros and set blocks, a template that extends another prints as usual. */
  captureAudible(work: () => void): string {
    const { silent } = this;
    this.silent = false;
    try {
      return this.capture(work);
    } finally {
      this.silent = silent;
    }
  }

  statements(nodes: readonly Node[], frame: Frame): void {
    for (const node of nodes) this.#statement(node, frame);
  }

  #inner(scope: Scope | null, frame: Frame): Frame {
    return enter(scopeOf(scope), frame, this.context);
  }

  #statement(node: Node, frame: Frame): void {
    switch (node.kind) {
      case "Output":
        return this.#output(node, frame);
      case "If":
        return this.#if(node, frame);
      case "For":
        return runFor(this, node, frame);
      case "Set":
        checkNamespaces(this, node.target, frame);
        return assignTop(this, node, this.evaluate(node.value, frame), frame);
      case "SetBlock":
        return this.#setBlock(node, frame);
      case "With":
        return this.#with(node, frame);
      case "Autoescape":
        return this.#autoescape(node, frame);
      case "Macro": {
        const macro = makeMacro(this, node.macro, frame);
        frame.set(node.place, macro);
        if (node.toplevel) defineTop(this.context, node.name, macro);
        return;
      }
      case "CallBlock": {
        const caller = makeMacro(this, node.macro, frame);
        this.out.append(this.call(node.call, frame, ["caller", caller]));
        return;
      }
      case "FilterBlock": {
        const inner = this.#inner(node.scope, frame);
        const text = this.capture(() => this.statements(node.body.children, inner));
        this.out.append(this.filterText(node.filter, this.safe(text, node.escape), inner));
        return;
      }
      case "Block":
        return runBlock(this, node, frame);
      case "Extends":
        return extendTemplate(this, node, frame);
      case "Include":
        return runInclude(this, node, frame);
      case "Import":
        return runImport(this, node, frame);
      case "FromImport":
        return runFromImport(this, node, frame);
      default:
        throw new Error(`${node.kind} is no statement`);
    }
  }

  #output(node: NodeOf<"Output">, frame: Frame): void {
    if (this.silent && this.parentTemplate !== undefined) return;
    const escape = node.escape ?? this.context.escaping.on;
    for (const item of node.items.children) {
      if (item.kind === "TemplateData") this.out.write(item.text);
      else {
        const value = item.kind === "Const" ? item.value : this.evaluate(item, frame);
        this.out.write(this.#printed(value, item, escape));
      }
    }
  }

  #printed(value: Value, node: NodeBase, escape: boolean): string {
    if (typeof value === "string") return escape ? escapeMarkup(value).text : value;
    this.mark(node);
    if (value instanceof Undefined) this.run.onUndefined?.(value, node, this.template);
    if (this.run.environment.structures === "json") {
      const json = jsonText(value);
      if (json !== undefined) return json;
    }
    return escape ? escapeMarkup(value).text : str(value);
  }

  #if(node: NodeOf<"If">, frame: Frame): void {
    if (truth(this.evaluate(node.test, frame))) {
      this.statements(node.body.children, frame);
      return;
    }
    for (const elif of node.elifs.children) {
      if (truth(this.evaluate(elif.test, frame))) {
        this.statements(elif.body.children, frame);
        return;
      }
    }
    this.statements(node.otherwise.children, frame);
  }

  #setBlock(node: NodeOf<"SetBlock">, frame: Frame): void {
    const inner = this.#inner(node.scope, frame);
    const text = this.captureAudible(() => this.statements(node.body.children, inner));
    const value =
      node.filter === null
        ? text
        : this.filterText(node.filter, this.safe(text, node.escape), inner);
    assignTop(
      this,
      node,
      this.context.escaping.on && !(value instanceof Markup) ? new Markup(str(value)) : value,
      frame,
    );
  }

  #with(node: NodeOf<"With">, frame: Frame): void {
    const inner = this.#inner(node.scope, frame);
    for (const [index, target] of node.targets.children.entries()) {
      const value: Expression | undefined = node.values.children[index];
      if (value !== undefined) assign(this, target, this.evaluate(value, frame), inner);
    }
    this.statements(node.body.children, inner);
  }

  #autoescape(node: NodeOf<"Autoescape">, frame: Frame): void {
    const inner = this.#inner(node.scope, frame);
    const { escaping } = this.context;
    const before = escaping.on;
    escaping.on = truth(this.evaluate(node.enabled, inner));
    try {
      this.statements(node.body.children, inner);
    } finally {
      escaping.on = before;
    }
  }
}

function scopeOf<T>(scope: T | null): T {
  if (scope === null) throw new Error("a template is analysed before it runs");
  return scope;
}
