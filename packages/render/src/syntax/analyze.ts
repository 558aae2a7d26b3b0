import { childrenOf, type MacroBody, type Node, nodeClass, type NodeOf } from "./nodes.ts";
import { SymbolTable } from "./symbol-table.ts";
import { TemplateSyntaxError } from "./syntax-error.ts";

/** What the analysis asks about filters and tests. */
export interface KnownNames {
  readonly hasFilter: (name: string) => boolean;
  readonly hasTest: (name: string) => boolean;
}

/** A template ready to run. */
export interface AnalyzedTemplate {
  readonly root: NodeOf<"Template">;
  readonly blocks: ReadonlyMap<string, NodeOf<"Block">>;
}

/** Binds the names of a template to slots, and finds the faults that Jinja finds before it runs one. */
export function analyze(root: NodeOf<"Template">, known: KnownNames): AnalyzedTemplate {
  const blocks = new Map<string, NodeOf<"Block">>();
  for (const block of root.findAll(nodeClass("Block"))) {
    if (block.kind !== "Block") continue;
    if (blocks.has(block.name)) throw fault(block, `block '${block.name}' defined twice`);
    blocks.set(block.name, block);
  }
  const table = new SymbolTable();
  const body = root.body.children;
  const self = undeclared(body, ["self"]).has("self") ? table.parameter("self") : undefined;
  for (const child of body) visit(child, table);
  const linker = new Linker(known);
  linker.all(body, table, { toplevel: true, soft: false });
  root.scope = { scope: table.toScope(), self, super: undefined };
  for (const block of blocks.values()) linker.block(block);
  return { root, blocks };
}

const fault = (at: Node, message: string): TemplateSyntaxError =>
  new TemplateSyntaxError(message, { line: at.lineno, column: at.colno });

/** The fields of a node that are assigned to. */
function targetsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "For":
    case "Set":
    case "SetBlock":
      return [node.target];
    case "With":
      return node.targets.children;
    case "MacroBody":
      return node.parameters.children;
    default:
      return [];
  }
}

/** Calls back for each name that is read or assigned in or below a node, blocks left out. */
function eachName(
  node: Node,
  found: (name: NodeOf<"Name">, assigned: boolean) => void,
  assigned = false,
): void {
  if (node.kind === "Block") return;
  if (node.kind === "Name") {
    found(node, assigned);
    return;
  }
  const targets = targetsOf(node);
  for (const child of childrenOf(node)) eachName(child, found, assigned || targets.includes(child));
}

/** Refuses what assigns `loop` anywhere below a loop. */
function refuseLoopTarget(node: Node): void {
  if (node.kind === "For" || node.kind === "Set" || node.kind === "SetBlock") {
    eachName(node.target, ({ name, lineno, colno }) => {
      if (name !== "loop") return;
      throw new TemplateSyntaxError("Can't assign to special loop variable in for-loop target", {
        line: lineno,
        column: colno,
      });
    });
  }
  for (const child of childrenOf(node)) refuseLoopTarget(child);
}

/** Which of the names are read before they are assigned. */
function undeclared(nodes: readonly Node[], names: readonly string[]): ReadonlySet<string> {
  const open = new Set(names);
  const found = new Set<string>();
  for (const node of nodes) {
    eachName(node, ({ name }, assigned) => {
      if (!open.has(name)) return;
      if (assigned) open.delete(name);
      else found.add(name);
    });
  }
  return found;
}

/** Notes the names of one frame: stops where an inner frame begins. */
function visit(node: Node, table: SymbolTable): void {
  switch (node.kind) {
    case "Name":
    case "NamespaceRef":
      table.load(node.name);
      return;
    case "If": {
      visit(node.test, table);
      const parts = [node.body.children, node.elifs.children, node.otherwise.children];
      const branches = parts.map((part) => {
        const branch = table.branch();
        for (const child of part) visit(child, branch);
        return branch;
      });
      table.merge(branches);
      return;
    }
    case "Macro":
      table.store(node.name);
      return;
    case "Import":
      visit(node.template, table);
      table.store(node.target);
      return;
    case "FromImport":
      visit(node.template, table);
      for (const { alias } of node.names) table.store(alias);
      return;
    case "Set":
      visit(node.value, table);
      visitTarget(node.target, table, false);
      return;
    case "SetBlock":
      visitTarget(node.target, table, false);
      return;
    case "For":
      visit(node.iterable, table);
      return;
    case "CallBlock":
      visit(node.call, table);
      return;
    case "FilterBlock":
      visit(node.filter, table);
      return;
    case "With":
      for (const value of node.values.children) visit(value, table);
      return;
    case "Autoescape":
    case "Block":
      return;
    default:
      for (const child of childrenOf(node)) visit(child, table);
  }
}

function visitTarget(target: Node, table: SymbolTable, parameter: boolean): void {
  if (target.kind === "Name") {
    if (parameter) table.parameter(target.name);
    else table.store(target.name);
  } else if (target.kind === "NamespaceRef") table.load(target.name);
  else for (const child of childrenOf(target)) visitTarget(child, table, parameter);
}

/** Where a node is: at the top of a template, in a branch of an if. */
interface Position {
  readonly toplevel: boolean;
  /** Unknown filters and tests fail only when they are used. */
  readonly soft: boolean;
}

const INNER: Position = { toplevel: false, soft: false };

/** Writes the places of names, and the scopes of frames, into the nodes. */
class Linker {
  readonly #known: KnownNames;

  constructor(known: KnownNames) {
    this.#known = known;
  }

  all(nodes: readonly Node[], table: SymbolTable, position: Position): void {
    for (const node of nodes) this.#link(node, table, position);
  }

  #children(node: Node, table: SymbolTable, position: Position): void {
    this.all(childrenOf(node), table, position);
  }

  block(block: NodeOf<"Block">): void {
    const table = new SymbolTable();
    const body = block.body.children;
    const used = undeclared(body, ["self", "super"]);
    const self = used.has("self") ? table.parameter("self") : undefined;
    const parent = used.has("super") ? table.parameter("super") : undefined;
    for (const child of body) visit(child, table);
    this.all(body, table, INNER);
    block.scope = { scope: table.toScope(), self, super: parent };
  }

  #link(node: Node, table: SymbolTable, position: Position): void {
    switch (node.kind) {
      case "Name":
      case "NamespaceRef":
        node.place = table.place(node.name);
        return;
      case "If":
      case "Conditional":
        this.#children(node, table, { ...position, soft: true });
        return;
      case "Filter":
      case "Test":
        this.#checkName(node, position);
        this.#children(node, table, position);
        return;
      case "Set":
        node.toplevel = position.toplevel;
        this.#children(node, table, position);
        return;
      case "SetBlock": {
        node.toplevel = position.toplevel;
        const inner = new SymbolTable(table);
        for (const child of node.body.children) visit(child, inner);
        if (node.filter !== null) visit(node.filter, inner);
        this.#link(node.target, table, position);
        this.all(node.body.children, inner, INNER);
        if (node.filter !== null) this.#link(node.filter, inner, INNER);
        node.scope = inner.toScope();
        return;
      }
      case "With": {
        const inner = new SymbolTable(table);
        for (const target of node.targets.children) visitTarget(target, inner, true);
        for (const child of node.body.children) visit(child, inner);
        this.all(node.values.children, table, position);
        this.all(node.targets.children, inner, INNER);
        this.all(node.body.children, inner, INNER);
        node.scope = inner.toScope();
        return;
      }
      case "Autoescape":
      case "FilterBlock": {
        const inner = new SymbolTable(table);
        for (const child of childrenOf(node)) visit(child, inner);
        this.#children(node, inner, INNER);
        node.scope = inner.toScope();
        return;
      }
      case "For":
        this.#for(node, table, position);
        return;
      case "Macro":
        node.toplevel = position.toplevel;
        node.place = table.place(node.name);
        this.#macro(node.macro, table);
        return;
      case "CallBlock":
        this.#link(node.call, table, position);
        this.#macro(node.macro, table);
        return;
      case "Block":
        node.toplevel = position.toplevel;
        node.around = table.toScope();
        return;
      case "Extends":
        if (!position.toplevel) throw fault(node, "cannot use extend from a non top-level scope");
        this.#children(node, table, position);
        return;
      case "Include":
        node.around = table.toScope();
        this.#children(node, table, position);
        return;
      case "Import":
        node.toplevel = position.toplevel;
        node.around = table.toScope();
        node.place = table.place(node.target);
        this.#children(node, table, position);
        return;
      case "FromImport":
        node.toplevel = position.toplevel;
        node.around = table.toScope();
        node.names = node.names.map((item) => ({ ...item, place: table.place(item.alias) }));
        this.#children(node, table, position);
        return;
      default:
        this.#children(node, table, position);
    }
  }

  #checkName(node: NodeOf<"Filter"> | NodeOf<"Test">, position: Position): void {
    if (position.soft) return;
    const isFilter = node.kind === "Filter";
    const has = isFilter ? this.#known.hasFilter : this.#known.hasTest;
    if (!has(node.name)) {
      throw fault(node, `No ${isFilter ? "filter" : "test"} named '${node.name}'.`);
    }
  }

  #for(node: NodeOf<"For">, table: SymbolTable, position: Position): void {
    refuseLoopTarget(node);
    const body = node.body.children;
    const extended =
      node.recursive ||
      undeclared(body, ["loop"]).has("loop") ||
      node.findAll(nodeClass("Block")).some((block) => block.kind === "Block" && block.scoped);
    const inner = new SymbolTable(table);
    inner.reserve("loop");
    if (extended) inner.parameter("loop");
    visitTarget(node.target, inner, true);
    for (const child of body) visit(child, inner);
    this.#link(node.iterable, table, position);
    this.#link(node.target, inner, INNER);
    this.all(body, inner, INNER);
    node.scopes = {
      body: inner.toScope(),
      test: this.#forTest(node, table),
      otherwise: this.#forElse(node, table),
      extended,
    };
  }

  /** The frame of the condition: its target has the same slots as in the body. */
  #forTest(
    node: NodeOf<"For">,
    table: SymbolTable,
  ): ReturnType<SymbolTable["toScope"]> | undefined {
    if (node.test === null) return undefined;
    const inner = new SymbolTable(table);
    inner.reserve("\0loop");
    visitTarget(node.target, inner, true);
    visit(node.test, inner);
    this.#link(node.test, inner, INNER);
    return inner.toScope();
  }

  #forElse(node: NodeOf<"For">, table: SymbolTable): ReturnType<SymbolTable["toScope"]> {
    const inner = new SymbolTable(table);
    const body = node.otherwise?.children ?? [];
    for (const child of body) visit(child, inner);
    this.all(body, inner, INNER);
    return inner.toScope();
  }

  #macro(macro: MacroBody, table: SymbolTable): void {
    const inner = new SymbolTable(table);
    const parameters = macro.parameters.children.map((parameter) => parameter.name);
    for (const name of parameters) inner.parameter(name);
    const body = macro.body.children;
    const used = undeclared(body, ["caller", "kwargs", "varargs"]);
    const explicit = parameters.indexOf("caller");
    if (used.has("caller") && explicit >= 0) {
      const firstDefault = parameters.length - macro.defaults.children.length;
      if (explicit < firstDefault) {
        throw fault(
          macro,
          'When defining macros or call blocks the special "caller" argument must be omitted ' +
            "or be given a default.",
        );
      }
    }
    const special = (name: string): number | undefined =>
      used.has(name) && !parameters.includes(name) ? inner.parameter(name) : undefined;
    const slots = {
      caller: special("caller"),
      kwargs: special("kwargs"),
      varargs: special("varargs"),
    };
    for (const child of [...macro.defaults.children, ...body]) visit(child, inner);
    this.all(macro.parameters.children, inner, INNER);
    this.all(macro.defaults.children, inner, INNER);
    this.all(body, inner, INNER);
    macro.scope = { scope: inner.toScope(), ...slots, explicitCaller: explicit >= 0 };
  }
}
