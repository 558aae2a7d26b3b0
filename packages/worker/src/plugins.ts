import type { PluginConnector } from "@lava/connectors";
import { LavaError, errorText } from "@lava/core";
import { actionTypes, connectionTypes, jobTypes } from "@lava/spec";
import { foreachGenerators } from "./foreach/index.ts";
import type { Plugin, PluginAction, PluginGenerator, PluginJobType } from "./plugins/plugin.ts";
import { resolvePlugin } from "./plugins/resolve-plugin.ts";

/** What plug-ins add to a worker. */
export interface Plugins {
  readonly jobTypes: readonly PluginJobType[];
  readonly actions: readonly PluginAction[];
  readonly generators: readonly PluginGenerator[];
  readonly connectors: readonly PluginConnector[];
}

/** A worker without plug-ins. */
export const noPlugins: Plugins = { jobTypes: [], actions: [], generators: [], connectors: [] };

/** Options of {@link loadPlugins}. */
export interface LoadPluginsOptions {
  /** Directory from which packages and relative paths are looked up. */
  readonly from: string;
  /** Imports a module by its URL; `import()` by default. */
  readonly load?: (url: string) => Promise<unknown>;
}

/**
 * Loads the packages, files and directories that a worker is to know more by. A type that is taken is refused, by
 * lava or by another plug-in.
 *
 * @throws {LavaError} PLUGIN_NOT_LOADED, BAD_PLUGIN, PLUGIN_TYPE_TAKEN
 */
export async function loadPlugins(
  names: readonly string[],
  { from, load = (url) => import(url) }: LoadPluginsOptions,
): Promise<Plugins> {
  const plugins: Plugin[] = [];
  for (const name of names) {
    const url = resolvePlugin(name, from);
    let module: unknown;
    try {
      module = await load(url);
    } catch (cause) {
      throw new LavaError(
        "PLUGIN_NOT_LOADED",
        `Plug-in ${name}: it failed while it was loaded from ${url}: ${errorText(cause)}`,
        { cause, retry: "never", hint: "Import the module by itself to see where it fails." },
      );
    }
    plugins.push(readPlugin(module, name));
  }
  return joinPlugins(plugins, names);
}

/**
 * What several plug-ins add together.
 *
 * @param names of the plug-ins, for messages
 * @throws {LavaError} PLUGIN_TYPE_TAKEN
 */
export function joinPlugins(plugins: readonly Plugin[], names: readonly string[] = []): Plugins {
  const join = <T extends { readonly type: string }>(
    list: (plugin: Plugin) => readonly T[] | undefined,
    taken: object,
    what: string,
  ): T[] => {
    const known = new Set(Object.keys(taken));
    return plugins.flatMap((plugin, index) => {
      const own = list(plugin) ?? [];
      for (const { type } of own) {
        if (known.has(type)) {
          const name = names[index] ?? `${index + 1}`;
          throw new LavaError(
            "PLUGIN_TYPE_TAKEN",
            `Plug-in ${name}: the ${what} ${type} is taken`,
            {
              retry: "never",
              hint: "Give it a name of its own.",
            },
          );
        }
        known.add(type);
      }
      return own;
    });
  };
  return {
    jobTypes: join((plugin) => plugin.jobTypes, jobTypes, "job type"),
    actions: join((plugin) => plugin.actions, actionTypes, "action"),
    generators: join(
      (plugin) => plugin.generators,
      { ...foreachGenerators, query: true, s3list: true },
      "foreach source",
    ),
    connectors: join((plugin) => plugin.connectors, connectionTypes, "connection type"),
  };
}

/** The methods that each kind of entry must have, beside `type` and its schema. */
const SHAPES = {
  jobTypes: { schema: "parameters", methods: ["run"] },
  actions: { schema: "parameters", methods: ["run"] },
  generators: { schema: "parameters", methods: ["values"] },
  connectors: { schema: "fields", methods: ["open", "check"] },
} as const;

function readPlugin(module: unknown, name: string): Plugin {
  const whole = member(module, "plugin");
  const source = whole ?? module;
  let found = 0;
  for (const [list, { schema, methods }] of Object.entries(SHAPES)) {
    const entries = member(source, list);
    if (entries === undefined) continue;
    found += 1;
    const isRight =
      Array.isArray(entries) &&
      entries.every(
        (entry) =>
          typeof member(entry, "type") === "string" &&
          member(entry, "type") !== "" &&
          typeof member(member(entry, schema), "safeParse") === "function" &&
          methods.every((method) => typeof member(entry, method) === "function"),
      );
    if (isRight) continue;
    throw new LavaError(
      "BAD_PLUGIN",
      `Plug-in ${name}: ${list} must be a list of objects with type, ${schema} (a zod schema) and ${methods.join(", ")}`,
      { retry: "never" },
    );
  }
  if (found === 0 || !isPlugin(source)) {
    throw new LavaError(
      "BAD_PLUGIN",
      `Plug-in ${name}: it exports none of ${Object.keys(SHAPES).join(", ")}, nor plugin`,
      { retry: "never" },
    );
  }
  return source;
}

/** Its lists were looked at one by one just before. */
function isPlugin(source: unknown): source is Plugin {
  return typeof source === "object" && source !== null;
}

function member(value: unknown, name: string): unknown {
  return (typeof value === "object" && value !== null) || typeof value === "function"
    ? Reflect.get(value, name)
    : undefined;
}
