import nunjucks from "nunjucks";
import { analyze } from "../syntax/analyze.ts";
import type { Delimiters } from "../syntax/delimiters.ts";
import type { LexerOptions } from "../syntax/lexer.ts";
import type { NodeOf } from "../syntax/nodes.ts";
import { parseExpression, parseTemplate } from "../syntax/parser.ts";
import { TemplateSyntaxError } from "../syntax/syntax-error.ts";
import { repr } from "../values/basics.ts";
import { PyError, typeError } from "../values/error.ts";
import { limitError, limits } from "../values/limits.ts";
import { Undefined } from "../values/undefined.ts";
import type { CallArguments, Value } from "../values/value.ts";
import type { Context } from "./context.ts";
import { foldConstants } from "./fold.ts";
import type { Run } from "./run.ts";
import type { Template } from "./template.ts";

/** What a filter or test may use besides its value and arguments. */
export interface FilterContext {
  readonly run: Run;
  readonly context: Context;
}

/** A filter: the value, the other arguments, the state. */
export type FilterFunction = (value: Value, call: CallArguments, state: FilterContext) => Value;

/** A test. */
export type TestFunction = (value: Value, call: CallArguments, state: FilterContext) => boolean;

/** Finds the source of a template by the name that `include`, `import` or `extends` gives. */
export type TemplateLoader = (
  name: string,
  parent?: string,
) => { readonly source: string; readonly name: string } | undefined;

/** The library of templates. */
export interface Library {
  readonly filters: ReadonlyMap<string, FilterFunction>;
  readonly tests: ReadonlyMap<string, TestFunction>;
}

/** A nunjucks loader over a {@link TemplateLoader}. */
class SourceLoader extends nunjucks.Loader implements nunjucks.ILoader {
  readonly async = false;
  readonly #load: TemplateLoader;
  #parent: string | undefined;

  constructor(load: TemplateLoader) {
    super();
    this.#load = load;
  }

  /** nunjucks asks for the name first; the loader resolves it itself, so the parent is kept. */
  override resolve(from: string, to: string): string {
    this.#parent = from;
    return to;
  }

  getSource(name: string): nunjucks.LoaderSource {
    const parent = this.#parent;
    this.#parent = undefined;
    const found = this.#load(name, parent);
    if (found === undefined) throw new PyError("TemplateNotFound", name);
    return { src: found.source, path: found.name, noCache: true };
  }
}

/** How many parsed templates are kept, and how long one may be to be kept. */
const KEPT = 1000;
const KEPT_LENGTH = 200_000;

/** What Jinja says of a name that it does not know, with a guess at what was meant by an undefined one. */
function missing(kind: "filter" | "test", given: Value, by: "node" | "filter"): string {
  if (given instanceof Undefined) {
    return `No ${kind} named Undefined. (${given.message}; did you forget to quote the callable name?)`;
  }
  return `No ${kind} named ${repr(given)}${by === "node" ? " found" : ""}.`;
}

type ParsedTemplate = Pick<Template, "root" | "blocks">;

/** Parsed templates by source: those that do not escape, and those that do. */
export interface ParsedTemplates {
  readonly plain: Map<string, ParsedTemplate>;
  readonly escaped: Map<string, ParsedTemplate>;
}

/** None yet. */
export const noTemplates = (): ParsedTemplates => ({ plain: new Map(), escaped: new Map() });

/**
 * nunjucks' Environment with Jinja's grammar and lava's interpreter: it keeps the marks, the loader and the
 * library. What would compile templates to JavaScript is never called.
 */
export class Environment extends nunjucks.Environment {
  readonly marks: Delimiters;
  readonly library: Library;
  readonly structures: "python" | "json";
  /** Whether a template of a name escapes what it prints. */
  readonly escapes: (name: string | undefined) => boolean;
  readonly #loader: SourceLoader | undefined;
  readonly #parsed: ParsedTemplates;
  readonly #lexing: LexerOptions;

  constructor(options: {
    readonly marks: Delimiters;
    readonly library: Library;
    readonly structures: "python" | "json";
    readonly loader: TemplateLoader | undefined;
    readonly escapes: (name: string | undefined) => boolean;
    readonly lexing: LexerOptions;
    /** Parsed templates; may be shared by environments with the same marks, lexing and library. */
    readonly parsed: ParsedTemplates;
  }) {
    const loader = options.loader === undefined ? undefined : new SourceLoader(options.loader);
    super(loader === undefined ? [] : [loader], { autoescape: false, tags: { ...options.marks } });
    this.marks = options.marks;
    this.library = options.library;
    this.structures = options.structures;
    this.escapes = options.escapes;
    this.#lexing = options.lexing;
    this.#loader = loader;
    this.#parsed = options.parsed;
  }

  /** A template from its source. */
  template(source: string, name: string | undefined): Template {
    const most = limits().template;
    if (source.length > most) {
      throw limitError(`the template has more than ${most} characters`);
    }
    const escape = this.escapes(name);
    const parsed = escape ? this.#parsed.escaped : this.#parsed.plain;
    const known = parsed.get(source);
    if (known !== undefined) return { ...known, name, source };
    const made = this.#analyzed(parseTemplate(source, this.marks, this.#lexing), escape);
    if (source.length <= KEPT_LENGTH) {
      const [oldest] = parsed.keys();
      if (parsed.size >= KEPT && oldest !== undefined) parsed.delete(oldest);
      parsed.set(source, made);
    }
    return { ...made, name, source };
  }

  /** A template that holds only an expression. */
  expression(source: string, name: string | undefined): Template {
    const root = parseExpression(source, this.marks);
    return { ...analyze(root, this.#names), name, source };
  }

  #analyzed(root: NodeOf<"Template">, escape: boolean): ParsedTemplate {
    foldConstants(root, this, escape);
    return analyze(root, this.#names);
  }

  readonly #names = {
    hasFilter: (name: string): boolean => this.library.filters.has(name),
    hasTest: (name: string): boolean => this.library.tests.has(name),
  };

  /** A template by its name; a TemplateNotFound where there is none. */
  find(name: string, parent: string | undefined): Template {
    const loader = this.#loader;
    if (loader === undefined) throw typeError("no loader for this environment specified");
    const resolved = parent === undefined ? name : loader.resolve(parent, name);
    const { src, path } = loader.getSource(resolved);
    try {
      return this.template(src, path);
    } catch (error) {
      if (error instanceof TemplateSyntaxError) error.template ??= { name: path, source: src };
      throw error;
    }
  }

  /** A filter; `by` says whether a node or another filter asks, for the message. */
  filter(name: string, by: "node" | "filter" = "node", given: Value = name): FilterFunction {
    const found = this.library.filters.get(name);
    if (found === undefined)
      throw new PyError("TemplateRuntimeError", missing("filter", given, by));
    return found;
  }

  test(name: string, by: "node" | "filter" = "node", given: Value = name): TestFunction {
    const found = this.library.tests.get(name);
    if (found === undefined) throw new PyError("TemplateRuntimeError", missing("test", given, by));
    return found;
  }
}
