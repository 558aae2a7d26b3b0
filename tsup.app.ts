import { readFile } from "node:fs/promises";
import type { Options } from "tsup";
import { builtinsOnUse } from "./tsup.builtins.ts";

type Plugin = NonNullable<Options["esbuildPlugins"]>[number];

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
