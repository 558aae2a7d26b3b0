import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Project, ProjectPlugins } from "@lava/framework";
import { loadPlugins, resolvePlugin, specExtensions } from "@lava/worker";

/**
 * Loads the plug-ins that a project names in its package.json, for the schemas that they bring.
 *
 * @throws {LavaError} PLUGIN_NOT_LOADED, BAD_PLUGIN, PLUGIN_TYPE_TAKEN
 */
export async function loadProjectPlugins({ dir, pluginNames }: Project): Promise<ProjectPlugins> {
  const plugins = await loadPlugins(pluginNames, { from: dir });
  const hash = createHash("sha256");
  for (const name of pluginNames) {
    for (const [file, content] of readModules(fileURLToPath(resolvePlugin(name, dir)))) {
      hash.update(`${name}\n${file}\n`).update(content);
    }
  }
  return { extensions: specExtensions(plugins), key: hash.digest("hex") };
}

/** A module and those of its own that it imports, by what their text says. */
function readModules(entry: string): Map<string, string> {
  const found = new Map<string, string>();
  const left = [entry];
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (found.has(file) || !existsSync(file)) continue;
    const content = readFileSync(file, "utf8");
    found.set(file, content);
    for (const [, name = ""] of content.matchAll(
      /\b(?:from|import|require)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g,
    )) {
      left.push(resolve(dirname(file), name));
    }
  }
  return found;
}
