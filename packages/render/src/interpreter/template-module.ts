import { hashKey, iterate, repr, str, truth } from "../values/basics.ts";
import { PyError } from "../values/error.ts";
import { Markup } from "../values/markup.ts";
import { Undefined } from "../values/undefined.ts";
import { PyObject, type Value } from "../values/value.ts";
import type { Context } from "./context.ts";
import type { Run } from "./run.ts";
import type { Template } from "./template.ts";

/** What `import` gives: the names that a template exports; prints as its text. */
export class TemplateModule extends PyObject {
  readonly typeName = "TemplateModule";
  readonly #name: string | undefined;
  readonly #context: Context;
  readonly #body: string;
  constructor(name: string | undefined, context: Context, body: string) {
    super();
    this.#name = name;
    this.#context = context;
    this.#body = body;
  }
  override get objectName(): string {
    return "jinja2.environment.TemplateModule";
  }
  get label(): string {
    return repr(this.#name ?? null);
  }
  repr(): string {
    return `<TemplateModule ${this.label}>`;
  }
  override str(): string {
    return this.#body;
  }
  override getAttribute(name: string): Value | undefined {
    return this.#context.exported.has(name) ? this.#context.vars.get(name) : undefined;
  }
}

/** The template that a name means. */
export function getTemplate(run: Run, name: Value, parent: string | undefined): Template {
  if (name instanceof Undefined) name.fail();
  if (typeof name === "string" || name instanceof Markup) {
    return run.environment.find(str(name), parent);
  }
  hashKey(name);
  throw new PyError("TemplateNotFound", str(name));
}

/** The template that a name, or the first known one of a list of names, means. */
export function selectTemplate(run: Run, names: Value, parent: string | undefined): Template {
  if (typeof names === "string" || names instanceof Markup || names instanceof Undefined) {
    return getTemplate(run, names, parent);
  }
  if (!truth(names)) {
    throw new PyError("TemplatesNotFound", "Tried to select from an empty list of templates.");
  }
  const all = [...iterate(names)];
  for (const candidate of all) {
    try {
      return getTemplate(run, candidate, parent);
    } catch (error) {
      if (
        !(error instanceof PyError) ||
        !["TemplateNotFound", "UndefinedError"].includes(error.type)
      ) {
        throw error;
      }
    }
  }
  const list = all
    .map((candidate) => (candidate instanceof Undefined ? candidate.message : str(candidate)))
    .join(", ");
  throw new PyError("TemplatesNotFound", `none of the templates given were found: ${list}`);
}
