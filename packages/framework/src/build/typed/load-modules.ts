import { spawn } from "node:child_process";
import { relative } from "node:path";
import { type Data, type DataMap, parseJson } from "@lava/core";
import * as z from "zod";
import type { Finding } from "../types.ts";
import { moduleFault } from "./module-fault.ts";
import { MODULE_PROGRAM } from "./module-program.ts";

/** What a spec file in TypeScript gave. */
export interface LoadedModule {
  /** Null for a spec that is left out; a file with one spec and a file with a list of one differ in `isList`. */
  readonly specs: readonly Data[];
  readonly isList: boolean;
  readonly findings: readonly Finding[];
  /** Files that it imports, directly or not, and environment variables that were read. */
  readonly inputs: readonly string[];
}

/** Messages of the program. */
const answer = z.union([
  z.object({ file: z.string(), specs: z.array(z.string()), isList: z.boolean() }),
  z.object({
    file: z.string(),
    error: z.object({ message: z.string(), name: z.string().optional(), stack: z.string() }),
  }),
  z.object({
    imports: z.array(z.tuple([z.string(), z.string()])),
    variables: z.array(z.string()),
  }),
]);

/** How long spec files may take to load, all of them together. */
const LIMIT_MS = 60_000;

/**
 * Runs spec files in a process of their own, which reads TypeScript as Node.js does: types are taken away, not
 * checked. Faults are findings with file and line.
 *
 * @param files Project-relative.
 */
export async function loadModules(
  files: readonly string[],
  options: {
    readonly root: string;
    readonly env: string;
    readonly config: DataMap;
    readonly realm: DataMap | undefined;
    readonly environ: Readonly<Record<string, string | undefined>>;
  },
): Promise<Map<string, LoadedModule>> {
  const { root, env, config, realm, environ } = options;
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", MODULE_PROGRAM],
    // `advanced` would hand over values that are no data.
    {
      cwd: root,
      env: { ...environ },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      timeout: LIMIT_MS,
    },
  );
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = `${stderr}${text}`.slice(-10_000);
  });
  const made = new Map<string, Omit<LoadedModule, "inputs">>();
  let graph: readonly (readonly [string, string])[] = [];
  let variables: readonly string[] = [];
  child.on("message", (message) => {
    const parsed = answer.parse(message);
    if ("imports" in parsed) ({ imports: graph, variables } = parsed);
    else if ("error" in parsed) {
      const finding = moduleFault(parsed.error, parsed.file, root);
      made.set(parsed.file, { specs: [], isList: false, findings: [finding] });
    } else
      made.set(parsed.file, {
        specs: parsed.specs.map(parseJson),
        isList: parsed.isList,
        findings: [],
      });
  });
  const ended = new Promise<void>((resolve) => {
    child.on("error", () => {
      resolve();
    });
    child.on("close", () => {
      resolve();
    });
  });
  // A process that is gone is told of by its end.
  child.send({ files, root, context: { env, config, realm } }, () => {});
  await ended;
  const own = variables.map((name) => (name === "*" ? "@environ" : `@environ:${name}`));
  return new Map(
    files.map((file) => {
      const loaded = made.get(file) ?? {
        specs: [],
        isList: false,
        findings: [
          moduleFault(
            { message: `the process that loads it has ended. ${stderr}`, stack: "" },
            file,
            root,
          ),
        ],
      };
      const inputs = [
        ...importsOf(`${root}/${file}`, graph).map((path) => relative(root, path)),
        ...own,
      ];
      return [file, { ...loaded, inputs }];
    }),
  );
}

/** What a file imports, directly or not, without what is installed. */
function importsOf(file: string, graph: readonly (readonly [string, string])[]): string[] {
  const found = new Set<string>();
  const open = [file];
  for (const path of open) {
    for (const [from, to] of graph) {
      if (from !== path || found.has(to) || to.includes("/node_modules/")) continue;
      found.add(to);
      open.push(to);
    }
  }
  return [...found];
}
