import type { Options } from "tsup";
import { builtinsOnUse } from "../../tsup.builtins.ts";

type Plugin = NonNullable<Options["esbuildPlugins"]>[number];

/**
 * A function has its credentials in the environment, and its templates are no files: what looks for either elsewhere
 * stays out.
 */
const notInLambda: Plugin = {
  name: "not-in-lambda",
  setup(build) {
    const filter =
      /^(?:@aws-sdk\/credential-provider-(?:sso|ini|login|process|web-identity)|@smithy\/credential-provider-imds|@aws-sdk\/nested-clients\/.*|chokidar)$/;
    build.onResolve({ filter }, ({ path }) => ({ path, namespace: "not-in-lambda" }));
    build.onLoad({ filter: /./, namespace: "not-in-lambda" }, () => ({
      contents: "module.exports = {}",
      loader: "js",
    }));
  },
};

/** The functions and their entry points, from this folder. */
const FUNCTIONS = {
  dispatch: "src/functions/dispatch.ts",
  s3trigger: "src/functions/s3trigger.ts",
  metrics: "src/functions/metrics.ts",
  stop: "src/functions/stop.ts",
};

/**
 * The bundles of the functions: one file each with all that it needs, the AWS SDK included. The SDK of the runtime would
 * save nothing: it loads slower than what is left of ours here. Built from elsewhere, `folder` leads here.
 */
export const lambdaBundles = (folder = "."): Options => ({
  entry: Object.fromEntries(
    Object.entries(FUNCTIONS).map(([name, path]) => [name, `${folder}/${path}`]),
  ),
  outDir: "dist/functions",
  format: "esm",
  target: "node24",
  platform: "node",
  outExtension: () => ({ js: ".mjs" }),
  splitting: false,
  minify: true,
  sourcemap: true,
  clean: true,
  dts: false,
  removeNodeProtocol: false,
  noExternal: [/.*/],
  esbuildPlugins: [builtinsOnUse, notInLambda],
  esbuildOptions(esbuild) {
    // Places are enough for the traces of errors; the sources themselves would be most of an archive.
    esbuild.sourcesContent = false;
    esbuild.conditions = ["@lava/source", "module", "node"];
    esbuild.mainFields = ["module", "main"];
    esbuild.banner = {
      js: 'import { createRequire as __lavaRequire } from "node:module"; const require = __lavaRequire(import.meta.url); const __filename = import.meta.filename, __dirname = import.meta.dirname;',
    };
  },
});
