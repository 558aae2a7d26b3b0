import nunjucks from "nunjucks";
import { analyze } from "../syntax/analyze.ts";
import type { Delimiters } from "../syntax/delimiters.ts";
import { parseExpression, parseTemplate } from "../syntax/parser.ts";
import { TemplateSyntaxError } from "../syntax/syntax-error.ts";
import { PyError, typeError } from "../values/error.ts";
import type { CallArguments, Value } from "../values/value.ts";
import type { Context } from "./context.ts";
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

type ParsedTemplate = Pick<Template, "root" | "blocks">;

/**
 * nunjucks' Environment with Jinja's grammar and lava's interpreter: it keeps the marks, the loader and the
 * library. What would compile templates to JavaScript is never called.
 */
export class Environment extends nunjucks.Environment {
  readonly marks: Delimiters;
  readonly library: Library;
  readonly structures: "python" | "json";
  readonly #loader: SourceLoader | undefined;
  readonly #parsed: Map<string, ParsedTemplate>;

  constructor(options: {
    readonly marks: Delimiters;
    readonly library: Library;
    readonly structures: "python" | "json";
    readonly loader: TemplateLoader | undefined;
    /** Parsed templates by source; may be shared by environments with the same marks and library. */
    readonly parsed: Map<string, ParsedTemplate>;
  }) {
    const loader = options.loader === undefined ? undefined : new SourceLoader(options.loader);
    super(loader === undefined ? [] : [loader], { autoescape: false, tags: { ...options.marks } });
    this.marks = options.marks;
    this.library = options.library;
    this.structures = options.structures;
    this.#loader = loader;
    this.#parsed = options.parsed;
  }

  /** A template from its source. */
  template(source: string, name: string | undefined): Template {
    const known = this.#parsed.get(source);
    if (known !== undefined) {
      this.#parsed.delete(source);
      this.#parsed.set(source, known);
      return { ...known, name, source };
    }
    const parsed = analyze(parseTemplate(source, this.marks), this.#names);
    if (source.length <= KEPT_LENGTH) {
      this.#parsed.set(source, parsed);
      const [oldest] = this.#parsed.keys();
      if (this.#parsed.size > KEPT && oldest !== undefined) this.#parsed.delete(oldest);
    }
    return { ...parsed, name, source };
  }

  /** A template that holds only an expression. */
  expression(source: string, name: string | undefined): Template {
    const parsed = analyze(parseExpression(source, this.marks), this.#names);
    return { ...parsed, name, source };
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
  filter(name: string, by: "node" | "filter" = "node"): FilterFunction {
    const found = this.library.filters.get(name);
    if (found === undefined)
      throw new PyError(
        "TemplateRuntimeError",
        `No filter named '${name}'${by === "node" ? " found" : ""}.`,
      );
    return found;
  }

  test(name: string, by: "node" | "filter" = "node"): TestFunction {
    const found = this.library.tests.get(name);
    if (found === undefined)
      throw new PyError(
        "TemplateRuntimeError",
        `No test named '${name}'${by === "node" ? " found" : ""}.`,
      );
    return found;
  }
}
