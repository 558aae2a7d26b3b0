import { defineConfig } from "tsup";

/** The command and the programs it starts, each with all that it needs, sharing what they have in common. */
export default defineConfig({
  entry: {
    lava: "src/main.ts",
    aws: "src/programs/aws.ts",
    worker: "src/programs/worker.ts",
  },
  format: "esm",
  target: "node24",
  platform: "node",
  splitting: true,
  sourcemap: true,
  minify: true,
  keepNames: true,
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
