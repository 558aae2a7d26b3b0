import { fileURLToPath } from "node:url";

/** The node command line of one of our own programs, from sources or from the bundle, as we run ourselves. */
export function programArgv(name: "aws" | "scheduler" | "worker"): string[] {
  const fromSources = import.meta.url.endsWith(".ts");
  const node = [process.execPath, "--disable-warning=ExperimentalWarning"];
  const path = fromSources ? `./programs/${name}.ts` : `./${name}.js`;
  return [
    ...node,
    ...(fromSources ? ["--conditions=@lava/source"] : []),
    fileURLToPath(new URL(path, import.meta.url)),
  ];
}
