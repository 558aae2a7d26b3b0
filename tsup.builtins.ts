import { builtinModules, createRequire } from "node:module";
import type { Options } from "tsup";

const require = createRequire(import.meta.url);

type Plugin = NonNullable<Options["esbuildPlugins"]>[number];

/**
 * Takes the modules of Node.js by `process.getBuiltinModule`. Any import of them would read each of their exports at
 * once, and `node:http` has some that load a whole HTTP client of 15 ms.
 */
export const builtinsOnUse: Plugin = {
  name: "builtins-on-use",
  setup(build) {
    const names = builtinModules.map((name) => name.replace(/^node:/, "")).join("|");
    build.onResolve({ filter: new RegExp(`^(node:)?(${names})$`) }, ({ path, kind, importer }) => {
      const name = path.replace(/^node:/, "");
      // One for each importer, in its own part of the bundle: shared ones would be dozens of tiny files to load.
      if (kind !== "dynamic-import") {
        return { path: name, namespace: "builtin", suffix: `?${importer}` };
      }
      return exportsOf(name).lazy ? { path: name, namespace: "lazy" } : { path, external: true };
    });
    build.onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule("node:${path}")`,
      loader: "js",
    }));
    // Imported on use it comes with its names, which a CommonJS module would not have.
    build.onLoad({ filter: /./, namespace: "lazy" }, ({ path }) => ({
      contents: `const all = process.getBuiltinModule("node:${path}");
        export default all;
        export const { ${exportsOf(path).names.join(", ")} } = all;`,
      loader: "js",
    }));
  },
};

/** The exports of a module of Node.js that are there at once, and whether it has some that are made when they are read. */
function exportsOf(name: string): { readonly names: readonly string[]; readonly lazy: boolean } {
  const all = Object.entries(Object.getOwnPropertyDescriptors(require(`node:${name}`)));
  const names = all.flatMap(([key, { get }]) => (get === undefined ? [key] : []));
  return { names, lazy: names.length < all.length };
}
