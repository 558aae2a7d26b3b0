import type { NodeOf } from "../syntax/nodes.ts";
import { repr } from "../values/basics.ts";
import { PyError } from "../values/error.ts";
import { Undefined } from "../values/undefined.ts";
import { orElse } from "../values/value.ts";
import { importTop } from "./assign.ts";
import { localsAt } from "./blocks.ts";
import { Context } from "./context.ts";
import type { Frame } from "./frame.ts";
import { Output } from "./output.ts";
import { getTemplate, selectTemplate, TemplateModule } from "./template-module.ts";
import type { Template } from "./template.ts";
import type { Walker } from "./walker.ts";

type Importing = NodeOf<"Include"> | NodeOf<"Import"> | NodeOf<"FromImport">;

/** The context of an included or imported template. */
function contextFor(walker: Walker, node: Importing, template: Template, frame: Frame): Context {
  const { name } = template;
  const escaping = { on: walker.run.environment.escapes(name) };
  return node.withContext
    ? new Context(
        walker.context.source,
        walker.context.snapshot(localsAt(node.around, frame)),
        name,
        [],
        escaping,
      )
    : new Context(walker.run.globals, new Map(), name, [], escaping);
}

/** Runs an `include` statement. */
export function runInclude(walker: Walker, node: NodeOf<"Include">, frame: Frame): void {
  const name = walker.evaluate(node.template, frame);
  walker.mark(node);
  let template: Template;
  try {
    template = selectTemplate(walker.run, name, walker.template.name);
  } catch (error) {
    if (node.ignoreMissing && error instanceof PyError && MISSING.has(error.type)) return;
    throw error;
  }
  if (node.withContext) {
    walker.include(template, contextFor(walker, node, template, frame), walker.out);
  } else walker.direct.write(moduleOf(walker, node, template, frame).str());
}

const MISSING: ReadonlySet<string> = new Set(["TemplateNotFound", "TemplatesNotFound"]);

/** The module of a template; without context one for all of the rendering. */
function moduleOf(
  walker: Walker,
  node: Importing,
  template: Template,
  frame: Frame,
): TemplateModule {
  const { run } = walker;
  const key = template.name ?? "";
  const known = node.withContext ? undefined : run.modules.get(key);
  if (known instanceof TemplateModule) return known;
  const context = contextFor(walker, node, template, frame);
  const out = new Output(run);
  walker.include(template, context, out);
  const module = new TemplateModule(template.name, context, out.text());
  if (!node.withContext) run.modules.set(key, module);
  return module;
}

function importedModule(
  walker: Walker,
  node: NodeOf<"Import"> | NodeOf<"FromImport">,
  frame: Frame,
): TemplateModule {
  const name = walker.evaluate(node.template, frame);
  walker.mark(node);
  const template = getTemplate(walker.run, name, walker.template.name);
  return moduleOf(walker, node, template, frame);
}

/** Runs an `import` statement. */
export function runImport(walker: Walker, node: NodeOf<"Import">, frame: Frame): void {
  const module = importedModule(walker, node, frame);
  frame.set(node.place, module);
  if (node.toplevel) importTop(walker.context, node.target, module);
}

/** Runs a `from ... import` statement. */
export function runFromImport(walker: Walker, node: NodeOf<"FromImport">, frame: Frame): void {
  const module = importedModule(walker, node, frame);
  const inTemplate = walker.template.name;
  for (const { name, alias, place } of node.names) {
    const value = orElse(
      module.getAttribute(name),
      () =>
        new Undefined({
          hint:
            `the template ${module.label} (imported on line ${node.lineno}` +
            `${inTemplate === undefined ? "" : ` in ${repr(inTemplate)}`}) ` +
            `does not export the requested name ${repr(name)}`,
          name,
        }),
    );
    frame.set(place, value);
    if (node.toplevel) importTop(walker.context, alias, value);
  }
}
