import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
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
    const url = resolvePlugin(name, dir);
    hash.update(`${name}\n`).update(readFileSync(fileURLToPath(url)));
  }
  return { extensions: specExtensions(plugins), key: hash.digest("hex") };
}
