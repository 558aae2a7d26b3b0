import type { Data, Issue } from "@lava/core";
import { withClock } from "./datetime/instance-members.ts";
import { toTemplateError } from "./errors.ts";
import { builtinFilters } from "./filters/index.ts";
import { builtinGlobals } from "./globals.ts";
import { Context, type NameSource } from "./interpreter/context.ts";
import {
  Environment,
  type FilterFunction,
  type Library,
  noTemplates,
  type TemplateLoader,
} from "./interpreter/environment.ts";
import { Run } from "./interpreter/run.ts";
import type { Template } from "./interpreter/template.ts";
import { Walker } from "./interpreter/walker.ts";
import {
  buildDelimiters,
  type Delimiters,
  jobDelimiters,
  outerDelimiters,
} from "./syntax/delimiters.ts";
import { builtinTests } from "./tests/index.ts";
import { clockOf } from "./utils/template-utils.ts";
import { fromHost, toData } from "./values/host.ts";
import { defaultLimits, type Limits, withLimits } from "./values/limits.ts";
import { Undefined } from "./values/undefined.ts";
import type { Value } from "./values/value.ts";

/** Names and values that a template sees: plain data, values of {@link templateUtils}, functions of data. */
export type TemplateContext = Readonly<Record<string, unknown>>;

/** Options of {@link createRenderer}. */
export interface RendererOptions {
  /**
   * `job`: `{{ }} {% %} {# #}` (default); `build`: `<{ }> <% %> <# #>` (FW-053); a pair of characters that take the
   * place of the outer braces (CLI-210).
   */
  readonly delimiters?: "job" | "build" | readonly [open: string, close: string];
  /** Without one, `include`, `import` and `extends` fail (WK-130). */
  readonly loader?: TemplateLoader;
  /** Names visible in every template, imported ones included. */
  readonly globals?: TemplateContext;
  /** Filters besides Jinja's own: functions of data. */
  readonly filters?: Readonly<Record<string, (value: Data, ...args: Data[]) => unknown>>;
  /** How a list or map prints: Python notation (default), or JSON that YAML reads back exactly (FW-056). */
  readonly structures?: "python" | "json";
  /** Whether templates escape for HTML what they print, by name (undefined: none); Jinja's default is no. */
  readonly autoescape?: boolean | ((name: string | undefined) => boolean);
  /** Jinja's `trim_blocks`: the newline after a statement or comment goes. */
  readonly trimBlocks?: boolean;
  /** Jinja's `lstrip_blocks`: blanks before a statement or comment at the start of a line go. */
  readonly lstripBlocks?: boolean;
  /** Jinja's `keep_trailing_newline`: the last newline of a template stays (T-32). */
  readonly keepTrailingNewline?: boolean;
  /** What one rendering may use up. */
  readonly limits?: Partial<Limits>;
}

/** Options of one rendering. */
export interface RenderOptions {
  /** Name of the template in errors, and the parent of what it includes. */
  readonly name?: string;
  /** Told of each undefined value that is printed (FW-059). */
  readonly onUndefined?: (issue: Issue) => void;
}

/** Renders templates. Parsed templates are kept, so one renderer serves many renderings. */
export interface Renderer {
  /**
   * Renders a template.
   *
   * @throws {LavaError} TEMPLATE_ERROR with Jinja's message, template, line, column and excerpt
   */
  render(source: string, context: TemplateContext, options?: RenderOptions): string;
  /**
   * Reads a template, and carries out nothing of it.
   *
   * @throws {LavaError} TEMPLATE_ERROR for one that cannot be read
   */
  check(source: string, options?: Pick<RenderOptions, "name">): void;
  /** Renders the template that the loader gives for a name. */
  renderTemplate(name: string, context: TemplateContext, options?: RenderOptions): string;
  /** The value of an expression, as plain data; undefined where it is undefined. */
  evaluate(expression: string, context: TemplateContext, options?: RenderOptions): Data | undefined;
}

const builtins: Library = { filters: builtinFilters, tests: builtinTests };

/** Parsed templates of all renderers with Jinja's own filters and white space. */
const parsed = { job: noTemplates(), build: noTemplates() };

function marksOf(delimiters: NonNullable<RendererOptions["delimiters"]>): Delimiters {
  if (typeof delimiters !== "string") return outerDelimiters(...delimiters);
  return delimiters === "build" ? buildDelimiters : jobDelimiters;
}

/** Makes a renderer. Cheap. */
export function createRenderer(options: RendererOptions = {}): Renderer {
  const delimiters = options.delimiters ?? "job";
  const own = Object.entries(options.filters ?? {});
  const lexing = {
    trimBlocks: options.trimBlocks ?? false,
    lstripBlocks: options.lstripBlocks ?? false,
    keepTrailingNewline: options.keepTrailingNewline ?? false,
  };
  const isPlain = own.length === 0 && !Object.values(lexing).includes(true);
  const { autoescape = false } = options;
  const escapes = typeof autoescape === "function" ? autoescape : () => autoescape;
  const environment = new Environment({
    marks: marksOf(delimiters),
    library: own.length === 0 ? builtins : { ...builtins, filters: withFilters(own) },
    structures: options.structures ?? "python",
    loader: options.loader,
    escapes,
    lexing,
    parsed: isPlain && typeof delimiters === "string" ? parsed[delimiters] : noTemplates(),
  });
  const limits = { ...defaultLimits, ...options.limits };
  const globals = options.globals ?? {};

  const within = <T>(
    source: string,
    context: TemplateContext,
    renderOptions: RenderOptions | undefined,
    work: (run: Run, context: Context) => T,
  ): T => {
    const { name } = renderOptions ?? {};
    const report = renderOptions?.onUndefined;
    const run = new Run(
      environment,
      hostNames(globals, builtinGlobals),
      limits,
      report === undefined
        ? undefined
        : (value, at, template) => report(issueOf(value, at, template)),
    );
    const names = hostNames(context, run.globals);
    try {
      const top = new Context(names, new Map(), name, [], { on: escapes(name) });
      const now = clockOf(context["utils"] ?? globals["utils"]);
      return withLimits(limits, () => withClock(now, () => work(run, top)));
    } catch (error) {
      throw toTemplateError(error, run, source, name);
    }
  };

  return {
    render: (source, context, renderOptions) =>
      within(source, context, renderOptions, (run, top) =>
        Walker.render(run, environment.template(source, renderOptions?.name), top),
      ),
    check: (source, renderOptions) =>
      within(source, {}, renderOptions, () => {
        environment.template(source, renderOptions?.name);
      }),
    renderTemplate: (name, context, renderOptions) =>
      within("", context, { ...renderOptions, name }, (run, top) =>
        Walker.render(run, environment.find(name, undefined), top),
      ),
    evaluate: (expression, context, renderOptions) =>
      within(expression, context, renderOptions, (run, top) => {
        const template = environment.expression(expression, renderOptions?.name);
        const value = Walker.expression(run, template, top);
        return value instanceof Undefined ? undefined : toData(value);
      }),
  };
}

function withFilters(
  own: [string, (value: Data, ...args: Data[]) => unknown][],
): ReadonlyMap<string, FilterFunction> {
  const all = new Map(builtinFilters);
  for (const [name, filter] of own) {
    all.set(name, (value, call) => fromHost(filter(toData(value), ...call.args.map(toData))));
  }
  return all;
}

/** Names of host data, converted when they are first used; then those behind them. */
function hostNames(
  host: TemplateContext,
  behind: { get(name: string): Value | undefined },
): NameSource {
  const known = new Map<string, Value>();
  return {
    get(name) {
      const value = known.get(name);
      if (value !== undefined) return value;
      if (!Object.hasOwn(host, name) || host[name] === undefined) return behind.get(name);
      const converted = fromHost(host[name]);
      known.set(name, converted);
      return converted;
    },
  };
}

function issueOf(
  value: Undefined,
  at: { readonly lineno: number; readonly colno: number },
  template: Template,
): Issue {
  return {
    path: [],
    code: "undefined_name",
    message: value.message,
    line: at.lineno,
    column: at.colno,
    ...(template.name === undefined ? {} : { file: template.name }),
  };
}
