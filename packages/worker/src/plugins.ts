import { LavaError, errorText } from "@lava/core";
import type { ActionHandler } from "./action.ts";
import { builtinActions } from "./actions/index.ts";
import type { JobHandler } from "./handler.ts";
import { builtinHandlers } from "./handlers/index.ts";

/** What plug-ins add to a worker. */
export interface Plugins {
  readonly handlers: readonly JobHandler[];
  readonly actions: readonly ActionHandler[];
}

/**
 * Loads packages that export `handlers: JobHandler[]` or `actions: ActionHandler[]`. A type that is taken is
 * refused.
 *
 * @param load Imports a package by its name or path; `import()` by default.
 * @throws {LavaError} PLUGIN_NOT_LOADED, BAD_PLUGIN, PLUGIN_TYPE_TAKEN
 */
export async function loadPlugins(
  names: readonly string[],
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<Plugins> {
  const handlers: JobHandler[] = [];
  const actions: ActionHandler[] = [];
  const takenTypes = new Set(Object.keys(builtinHandlers));
  const takenActions = new Set(Object.keys(builtinActions));
  for (const name of names) {
    let module: unknown;
    try {
      module = await load(name);
    } catch (cause) {
      throw new LavaError("PLUGIN_NOT_LOADED", `Plug-in ${name}: ${errorText(cause)}`, {
        cause,
        hint: `Install it where the worker runs: npm install ${name}`,
      });
    }
    handlers.push(...pick(module, "handlers", name, takenTypes, isHandler));
    actions.push(...pick(module, "actions", name, takenActions, isAction));
  }
  return { handlers, actions };
}

function pick<T extends { readonly type: string }>(
  module: unknown,
  member: string,
  plugin: string,
  taken: Set<string>,
  isOne: (value: unknown) => value is T,
): T[] {
  if (typeof module !== "object" || module === null) return [];
  const list: unknown = Reflect.get(module, member);
  if (list === undefined) return [];
  if (!Array.isArray(list) || !list.every(isOne)) {
    throw new LavaError(
      "BAD_PLUGIN",
      `Plug-in ${plugin}: ${member} must be a list of objects with type, run and (handlers) parseParameters`,
    );
  }
  for (const { type } of list) {
    if (taken.has(type)) {
      throw new LavaError("PLUGIN_TYPE_TAKEN", `Plug-in ${plugin}: the type ${type} is taken`, {
        hint: "Give it a name of its own.",
      });
    }
    taken.add(type);
  }
  return list;
}

/** A plug-in's job type has no schema in spec, so its handler reads the parameters itself. */
function isHandler(value: unknown): value is JobHandler {
  return (
    hasShape(value) && "parseParameters" in value && typeof value.parseParameters === "function"
  );
}

function isAction(value: unknown): value is ActionHandler {
  return hasShape(value);
}

function hasShape(value: unknown): value is object {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    typeof value.type === "string" &&
    "run" in value &&
    typeof value.run === "function"
  );
}
