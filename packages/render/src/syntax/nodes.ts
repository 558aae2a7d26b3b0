/* oxlint-disable typescript/no-unsafe-type-assertion -- the border to nunjucks, whose declarations leave its nodes out */
import nunjucks from "nunjucks";
import type { Value } from "../values/value.ts";

/** What nunjucks' nodes have: a place (line from 1, column from 1) and fields that it can search. */
export interface NodeBase {
  readonly lineno: number;
  readonly colno: number;
  /** All nodes of a class below this one, in order. */
  findAll(type: NodeClass): readonly Node[];
}

/** A nunjucks node class. */
export interface NodeClass {
  new (lineno: number, colno: number, ...fields: unknown[]): NodeBase;
  extend(name: string, members: { readonly fields: readonly string[] }): NodeClass;
}

/** nunjucks' list of nodes. */
export interface NodeList<T extends Node = Node> extends NodeBase {
  children: readonly T[];
}

/** Where a name lives: frames outwards, then the slot; filled in by the scope analysis. */
export interface Place {
  hops: number;
  slot: number;
}

/** Whether a place escapes what it prints; undefined where only the running template knows. */
export type Escape = boolean | undefined;

interface Fields {
  Name: { name: string; place: Place };
  NamespaceRef: { name: string; attribute: string; place: Place };
  Const: { value: Value };
  TemplateData: { text: string };
  Tuple: { items: NodeList<Expression> };
  List: { items: NodeList<Expression> };
  Dict: { items: NodeList<Pair> };
  Pair: { key: Expression; value: Expression };
  Conditional: { test: Expression; then: Expression; otherwise: Expression | null };
  Binary: {
    operator: "+" | "-" | "*" | "/" | "//" | "%" | "**";
    left: Expression;
    right: Expression;
  };
  Logical: { operator: "and" | "or"; left: Expression; right: Expression };
  Not: { operand: Expression };
  Unary: { operator: "-" | "+"; operand: Expression };
  Concat: { items: NodeList<Expression>; escape: Escape };
  Compare: { first: Expression; rest: NodeList<Operand> };
  Operand: { operator: CompareOperator; operand: Expression };
  Attribute: { target: Expression; name: string };
  Item: { target: Expression; key: Expression };
  Slice: { start: Expression | null; stop: Expression | null; step: Expression | null };
  Call: { target: Expression; arguments: Arguments };
  Filter: { target: Expression | null; name: string; arguments: Arguments };
  Test: { target: Expression; name: string; arguments: Arguments };
  Arguments: {
    positional: NodeList<Expression>;
    keywords: NodeList<Keyword>;
    rest: Expression | null;
    keywordRest: Expression | null;
  };
  Keyword: { name: string; value: Expression };
  Output: { items: NodeList<Expression>; escape: Escape };
  For: {
    target: Expression;
    iterable: Expression;
    body: NodeList;
    otherwise: NodeList | null;
    test: Expression | null;
    recursive: boolean;
    scopes: ForScopes | null;
    escape: Escape;
  };
  If: { test: Expression; body: NodeList; elifs: NodeList<If>; otherwise: NodeList };
  Set: { target: Expression; value: Expression; toplevel: boolean };
  SetBlock: {
    target: Expression;
    filter: Filter | null;
    body: NodeList;
    scope: Scope | null;
    toplevel: boolean;
    escape: Escape;
  };
  With: {
    targets: NodeList<Expression>;
    values: NodeList<Expression>;
    body: NodeList;
    scope: Scope | null;
  };
  Autoescape: { enabled: Expression; body: NodeList; scope: Scope | null };
  Macro: { name: string; place: Place; macro: MacroBody; toplevel: boolean };
  MacroBody: {
    name: string | null;
    parameters: NodeList<Name>;
    defaults: NodeList<Expression>;
    body: NodeList;
    scope: MacroScope | null;
    escape: Escape;
  };
  CallBlock: { call: Call; macro: MacroBody };
  FilterBlock: { filter: Filter; body: NodeList; scope: Scope | null; escape: Escape };
  Block: {
    name: string;
    scoped: boolean;
    required: boolean;
    body: NodeList;
    scope: BlockScope | null;
    around: Scope | null;
    toplevel: boolean;
  };
  Extends: { template: Expression };
  Include: {
    template: Expression;
    ignoreMissing: boolean;
    withContext: boolean;
    around: Scope | null;
  };
  Import: {
    template: Expression;
    target: string;
    place: Place;
    withContext: boolean;
    around: Scope | null;
    toplevel: boolean;
  };
  FromImport: {
    template: Expression;
    names: readonly { readonly name: string; readonly alias: string; readonly place: Place }[];
    withContext: boolean;
    around: Scope | null;
    toplevel: boolean;
  };
  Template: { body: NodeList; scope: BlockScope | null };
}

/** Comparison operators. */
export type CompareOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in";

/** How a frame's slots are filled when it is entered. */
export interface Load {
  readonly slot: number;
  readonly from: "resolve" | "outer" | "undefined";
  readonly name: string;
  readonly place: Place;
}

/** A name that an included template or a scoped block sees. */
export interface VisibleName {
  readonly name: string;
  readonly place: Place;
}

/** The static scope of one frame. */
export interface Scope {
  readonly size: number;
  readonly loads: readonly Load[];
  /** Names assigned here and outside, for those that see "the context" of this place. */
  readonly visible: () => readonly VisibleName[];
}

/** Scopes of a for loop; slot 0 of body and test is `loop`. */
interface ForScopes {
  readonly body: Scope;
  readonly test: Scope | undefined;
  readonly otherwise: Scope;
  /** Whether anything needs the `loop` variable. */
  readonly extended: boolean;
}

/** Scope of a macro: which of the special names it uses, and where. */
export interface MacroScope {
  readonly scope: Scope;
  readonly caller: number | undefined;
  readonly kwargs: number | undefined;
  readonly varargs: number | undefined;
  readonly explicitCaller: boolean;
}

/** Scope of a template's root or a block: where `self` and `super` are. */
export interface BlockScope {
  readonly scope: Scope;
  readonly self: number | undefined;
  readonly super: number | undefined;
}

/** Kinds of nodes. */
export type Kind = keyof Fields;

/** A node of one kind. */
export type NodeOf<K extends Kind> = NodeBase & { readonly kind: K } & {
  -readonly [F in keyof Fields[K]]: Fields[K][F];
};

/** Any node. */
export type Node = { [K in Kind]: NodeOf<K> }[Kind];
/** Any node that has a value. */
export type Expression = Extract<
  Node,
  {
    readonly kind:
      | "Name"
      | "NamespaceRef"
      | "Const"
      | "TemplateData"
      | "Tuple"
      | "List"
      | "Dict"
      | "Conditional"
      | "Binary"
      | "Logical"
      | "Not"
      | "Unary"
      | "Concat"
      | "Compare"
      | "Attribute"
      | "Item"
      | "Slice"
      | "Call"
      | "Filter"
      | "Test";
  }
>;

/** A name. */
export type Name = NodeOf<"Name">;
/** A key and a value of a dict literal. */
export type Pair = NodeOf<"Pair">;
/** An operator and what follows it. */
export type Operand = NodeOf<"Operand">;
/** Arguments of a call. */
export type Arguments = NodeOf<"Arguments">;
/** A keyword argument. */
export type Keyword = NodeOf<"Keyword">;
/** An if statement. */
export type If = NodeOf<"If">;
/** A filter. */
export type Filter = NodeOf<"Filter">;
/** A call. */
export type Call = NodeOf<"Call">;
/** What macros and call blocks have in common. */
export type MacroBody = NodeOf<"MacroBody">;

const FIELDS: { readonly [K in Kind]: readonly (keyof Fields[K])[] } = {
  Name: ["name", "place"],
  NamespaceRef: ["name", "attribute", "place"],
  Const: ["value"],
  TemplateData: ["text"],
  Tuple: ["items"],
  List: ["items"],
  Dict: ["items"],
  Pair: ["key", "value"],
  Conditional: ["test", "then", "otherwise"],
  Binary: ["operator", "left", "right"],
  Logical: ["operator", "left", "right"],
  Not: ["operand"],
  Unary: ["operator", "operand"],
  Concat: ["items", "escape"],
  Compare: ["first", "rest"],
  Operand: ["operator", "operand"],
  Attribute: ["target", "name"],
  Item: ["target", "key"],
  Slice: ["start", "stop", "step"],
  Call: ["target", "arguments"],
  Filter: ["target", "name", "arguments"],
  Test: ["target", "name", "arguments"],
  Arguments: ["positional", "keywords", "rest", "keywordRest"],
  Keyword: ["name", "value"],
  Output: ["items", "escape"],
  For: ["target", "iterable", "body", "otherwise", "test", "recursive", "scopes", "escape"],
  If: ["test", "body", "elifs", "otherwise"],
  Set: ["target", "value", "toplevel"],
  SetBlock: ["target", "filter", "body", "scope", "toplevel", "escape"],
  With: ["targets", "values", "body", "scope"],
  Autoescape: ["enabled", "body", "scope"],
  Macro: ["name", "place", "macro", "toplevel"],
  MacroBody: ["name", "parameters", "defaults", "body", "scope", "escape"],
  CallBlock: ["call", "macro"],
  FilterBlock: ["filter", "body", "scope", "escape"],
  Block: ["name", "scoped", "required", "body", "scope", "around", "toplevel"],
  Extends: ["template"],
  Include: ["template", "ignoreMissing", "withContext", "around"],
  Import: ["template", "target", "place", "withContext", "around", "toplevel"],
  FromImport: ["template", "names", "withContext", "around", "toplevel"],
  Template: ["body", "scope"],
};

/** nunjucks' own `nodes`, which its declarations leave out. */
const native = (
  nunjucks as unknown as {
    readonly nodes: { readonly Node: NodeClass; readonly NodeList: NodeClass };
  }
).nodes;

const classes = new Map<Kind, NodeClass>();
for (const [kind, fields] of Object.entries(FIELDS)) {
  classes.set(kind as Kind, native.Node.extend(kind, { fields: ["kind", ...fields] }));
}

/** The nunjucks class of a kind, for `findAll`. */
export function nodeClass(kind: Kind): NodeClass {
  const found = classes.get(kind);
  if (found === undefined) throw new Error(`no node class ${kind}`);
  return found;
}

/** A place in the source. */
export interface At {
  readonly line: number;
  readonly column: number;
}

/** Makes a node. */
export function node<K extends Kind>(kind: K, at: At, fields: Fields[K]): NodeOf<K> {
  const values = FIELDS[kind].map((field) => fields[field]);
  const made = new (nodeClass(kind))(at.line, at.column, kind, ...values);
  return made as NodeOf<K>;
}

/** Makes a nunjucks NodeList. */
export function nodeList<T extends Node>(children: readonly T[]): NodeList<T> {
  const first = children[0];
  const list = new native.NodeList(first?.lineno ?? 1, first?.colno ?? 1, children);
  return list as NodeList<T>;
}

/** The nodes directly below one, in the order of their fields. */
export function childrenOf(parent: NodeBase): Node[] {
  const found: Node[] = [];
  (parent as unknown as { iterFields(visit: (value: unknown) => void): void }).iterFields(
    (value) => {
      if (Array.isArray(value)) {
        for (const item of value) if (item instanceof native.Node) found.push(item as Node);
      } else if (value instanceof native.NodeList) {
        for (const child of (value as NodeList).children) found.push(child);
      } else if (value instanceof native.Node) found.push(value as Node);
    },
  );
  return found;
}

/** Puts other nodes in the place of those directly below one. */
export function replaceChildren(parent: Node, replace: (child: Node) => Node): void {
  const fields = parent as unknown as Record<string, unknown>;
  for (const field of FIELDS[parent.kind]) {
    const value = fields[field];
    if (value instanceof native.NodeList) {
      const list = value as NodeList;
      list.children = list.children.map(replace);
    } else if (value instanceof native.Node) fields[field] = replace(value as Node);
  }
}
