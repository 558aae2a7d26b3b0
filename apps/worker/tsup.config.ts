import { defineConfig } from "tsup";

/** The daemon with all that it needs, in parts that are loaded when they are used. */
export default defineConfig({
  entry: { main: "src/main.ts" },
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
  esbuildOptions(options) {
    options.conditions = ["@lava/source", "node"];
    // Some dependencies are CommonJS and call require.
    options.banner = {
      js: 'import { createRequire as __lavaRequire } from "node:module"; const require = __lavaRequire(import.meta.url);',
    };
  },
});
