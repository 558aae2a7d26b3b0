import { readFile } from "node:fs/promises";
import { builtinModules, createRequire } from "node:module";
import type { Options } from "tsup";

const require = createRequire(import.meta.url);

type Plugin = NonNullable<Options["esbuildPlugins"]>[number];

/**
 * Takes the modules of Node.js by `process.getBuiltinModule`. Any import of them would read each of their exports at
 * once, and `node:http` has some that load a whole HTTP client of 15 ms.
 */
const builtinsOnUse: Plugin = {
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

/**
 * Native parts of libraries stay out of bundles: ssh2, which dockerode brings, has some and works without. Where its
 * code asks for them it is prepared for a machine that could not build them. (A plugin of tsup's own, which comes
 * first, resolves every `.node` file; hence the text.)
 */
const noNativeParts: Plugin = {
  name: "no-native-parts",
  setup(build) {
    const filter =
      /[\\/](?:ssh2[\\/]lib[\\/]protocol[\\/]crypto|cpu-features[\\/]lib[\\/]index)\.js$/;
    build.onLoad({ filter }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replaceAll(
        /require\('[^']+\.node'\)/g,
        '(() => { throw new Error("not part of this bundle"); })()',
      ),
      loader: "js",
    }));
  },
};

/** The bundle of an application: each entry with all that it needs, in parts that are loaded when they are used. */
export function application(entry: Record<string, string>, options: Options = {}): Options {
  return {
    entry,
    format: "esm",
    target: "node24",
    platform: "node",
    splitting: true,
    sourcemap: true,
    clean: true,
    dts: false,
    // node:sqlite has no other name.
    removeNodeProtocol: false,
    noExternal: [/.*/],
    esbuildPlugins: [builtinsOnUse, noNativeParts],
    esbuildOptions(esbuild) {
      // Libraries that have modules give only the parts that are used, CommonJS gives all.
      esbuild.conditions = ["@lava/source", "module", "node"];
      esbuild.mainFields = ["module", "main"];
      // Some dependencies are CommonJS: they call require, and look at __dirname.
      esbuild.banner = {
        js: 'import { createRequire as __lavaRequire } from "node:module"; const require = __lavaRequire(import.meta.url); const __filename = import.meta.filename, __dirname = import.meta.dirname;',
      };
    },
    ...options,
  };
}
