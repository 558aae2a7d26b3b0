import { defineConfig } from "tsup";

/** The build of every library: one ESM file with its source map. `tsc` writes the declarations. */
export default defineConfig({
  entry: ["src/index.ts"],
  format: "esm",
  target: "node24",
  platform: "node",
  sourcemap: true,
  clean: true,
  dts: false,
  // node:sqlite exists under this name only.
  removeNodeProtocol: false,
});
