import { existsSync, readFileSync, statSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isMap, LavaError } from "@lava/core";

/** Names in PLUGIN_PATH. */
export function pluginNames(path: string | undefined): string[] {
  return (path ?? "").split(":").filter((name) => name !== "");
}

/**
 * The URL of a plug-in's module: a file, a directory, or a package as installed at `from` or above it.
 *
 * @throws {LavaError} PLUGIN_NOT_LOADED
 */
export function resolvePlugin(name: string, from: string): string {
  const isPath = isAbsolute(name) || /^\.{1,2}(?:\/|$)/.test(name);
  if (isPath) {
    const path = resolve(from, name);
    if (!existsSync(path)) throw notFound(name, `there is no ${path}`);
    return toUrl(statSync(path).isDirectory() ? entryOf(path, name) : path);
  }
  let manifest: string | undefined;
  try {
    manifest = findPackageJSON(name, pathToFileURL(join(from, "package.json")));
  } catch {
    manifest = undefined;
  }
  if (manifest === undefined) throw notFound(name, `it is not installed at ${from} or above it`);
  return toUrl(entryOf(dirname(manifest), name));
}

const toUrl = (path: string): string => pathToFileURL(path).href;

/** The module that a package's manifest names for `import`, or its index file. */
function entryOf(folder: string, name: string): string {
  const manifest = readManifest(join(folder, "package.json"), name);
  const entry = importTarget(manifest["exports"]) ?? manifest["main"];
  const names = typeof entry === "string" ? [entry] : ["index.js", "index.mjs", "index.ts"];
  const file = names.map((each) => join(folder, each)).find((each) => existsSync(each));
  if (file === undefined) throw notFound(name, `${folder} has no module ${names.join(" or ")}`);
  return file;
}

function readManifest(file: string, name: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isMap(manifest) ? manifest : {};
  } catch {
    throw notFound(name, `${file} is not JSON`);
  }
}

/** The target of `exports` for an import by Node. */
function importTarget(exports: unknown): string | undefined {
  if (typeof exports === "string") return exports;
  if (!isMap(exports)) return undefined;
  const main = Object.hasOwn(exports, ".") ? exports["."] : exports;
  if (!isMap(main)) return typeof main === "string" ? main : undefined;
  for (const condition of ["node", "import", "default"]) {
    const found = importTarget(main[condition]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function notFound(name: string, reason: string): LavaError {
  return new LavaError("PLUGIN_NOT_LOADED", `Plug-in ${name}: ${reason}`, {
    retry: "never",
    hint: "PLUGIN_PATH names packages that are installed where the worker runs, or files and directories.",
  });
}
