import type { Expression, NodeOf } from "../syntax/nodes.ts";
import { PyError } from "../values/error.ts";
import { unpackValue } from "../values/iterator.ts";
import type { Value } from "../values/value.ts";
import type { Context } from "./context.ts";
import type { Expressions } from "./expressions.ts";
import type { Frame } from "./frame.ts";
import { Namespace } from "./namespace.ts";

/** Refuses a target `name.attribute` where the name is no namespace: before the value is worked out. */
export function checkNamespaces(walker: Expressions, target: Expression, frame: Frame): void {
  if (target.kind === "Tuple") {
    for (const item of target.items.children) checkNamespaces(walker, item, frame);
  } else if (target.kind === "NamespaceRef" && !(frame.get(target.place) instanceof Namespace)) {
    walker.mark(target);
    throw new PyError("TemplateRuntimeError", "cannot assign attribute on non-namespace object");
  }
}

/** Gives a target its value. */
export function assign(walker: Expressions, target: Expression, value: Value, frame: Frame): void {
  switch (target.kind) {
    case "Name":
      frame.set(target.place, value);
      return;
    case "NamespaceRef": {
      const namespace = frame.get(target.place);
      if (!(namespace instanceof Namespace)) {
        walker.mark(target);
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
      walker.mark(target);
      const values = unpackValue(value, targets.length);
      for (const [index, item] of targets.entries()) {
        assign(walker, item, values[index] ?? null, frame);
      }
      return;
    }
    default:
      throw new Error(`${target.kind} is no target`);
  }
}

/** A `set` statement: at the top of a template, its names are what others may import. */
export function assignTop(
  walker: Expressions,
  node: NodeOf<"Set"> | NodeOf<"SetBlock">,
  value: Value,
  frame: Frame,
): void {
  walker.mark(node.target);
  assign(walker, node.target, value, frame);
  if (node.toplevel) defineTargets(walker.context, node.target, frame);
}

function defineTargets(context: Context, target: Expression, frame: Frame): void {
  if (target.kind === "Name") defineTop(context, target.name, frame.get(target.place) ?? null);
  else if (target.kind === "Tuple") {
    for (const item of target.items.children) defineTargets(context, item, frame);
  }
}

/** Notes a name of the top of a template; exported unless it begins with an underline. */
export function defineTop(context: Context, name: string, value: Value): void {
  context.vars.set(name, value);
  if (!name.startsWith("_")) context.exported.add(name);
}

/** Notes a name that was imported at the top of a template: seen by what it includes, not exported. */
export function importTop(context: Context, name: string, value: Value): void {
  context.vars.set(name, value);
  context.exported.delete(name);
}
