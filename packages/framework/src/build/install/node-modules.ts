import { cpSync, existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../fingerprints.ts";
import type { PayloadContext, PayloadFile } from "../payload/payload-builder.ts";
import { lastLines, runTool, type ToolResult } from "../tools/run-tool.ts";
import type { Finding } from "../types.ts";
import { inCache, installedFiles } from "./installed-files.ts";
import type { Installed } from "./python-modules.ts";

/** A client, by the lockfile that it writes. */
interface Client {
  readonly lockfile: string;
  readonly program: string;
  readonly args: readonly string[];
}

const CLIENTS: readonly Client[] = [
  {
    lockfile: "pnpm-lock.yaml",
    program: "pnpm",
    args: [
      "install",
      "--prod",
      "--frozen-lockfile",
      "--ignore-workspace",
      "--config.node-linker=hoisted",
    ],
  },
  {
    lockfile: "yarn.lock",
    program: "yarn",
    args: ["install", "--production", "--frozen-lockfile", "--non-interactive"],
  },
  ...["package-lock.json", "npm-shrinkwrap.json"].map((lockfile) => ({
    lockfile,
    program: "npm",
    args: ["ci", "--omit=dev", "--no-audit", "--no-fund"],
  })),
];

/** Whether a package brings Node modules by its lockfile, and its own `node_modules` counts for nothing. */
export function hasNodeModules(files: readonly PayloadFile[]): boolean {
  return clientOf(files) !== undefined;
}

function clientOf(files: readonly PayloadFile[]): Client | undefined {
  const names = new Set(files.map(({ path }) => path));
  return names.has("package.json")
    ? CLIENTS.find(({ lockfile }) => names.has(lockfile))
    : undefined;
}

/** Installs what the lockfile of a package says, by the client that wrote it, without development parts (FW-185). */
export async function nodeModules(
  files: readonly PayloadFile[],
  context: PayloadContext,
): Promise<Installed> {
  const { root, folder, name, environ, cache } = context;
  const none = { files: [], inputs: [], findings: [] };
  const client = clientOf(files);
  if (client === undefined)
    return { ...none, findings: withoutLockfile(files, `${folder}/${name}`) };
  if (context.programs === "none") return none;
  const source = `${folder}/${name}/${client.lockfile}`;
  const own = files.filter(({ path }) => !path.startsWith("node_modules/"));
  const refersToFiles = own.some(
    ({ path, content }) =>
      path === "package.json" && /"(?:file|link|portal):/.test(Buffer.from(content).toString()),
  );
  const decides = own.filter(
    ({ path }) =>
      refersToFiles ||
      /^(?:package\.json|\.npmrc|\.yarnrc(?:\.yml)?|\.pnpmfile\.cjs|pnpm-workspace\.yaml|patches\/.*)$/.test(
        path,
      ) ||
      path === client.lockfile,
  );
  const key = sha256(
    JSON.stringify([
      client.program,
      process.version,
      process.platform,
      process.arch,
      ...decides.map(({ path, content }) => [path, sha256(content)]),
    ]),
  );
  let result: ToolResult | undefined;
  const installed = await inCache(
    join(cache, "node"),
    key,
    async (target) => {
      // Symlinks are followed: what is installed must not reach into the sources.
      cpSync(join(root, folder, name), target, {
        recursive: true,
        dereference: true,
        filter: (path) => !path.includes("/node_modules"),
      });
      result = await runTool({
        program: client.program,
        args: client.args,
        cwd: target,
        env: { ...environ, NODE_ENV: "production", CI: "1" },
      });
      return result.status === 0;
    },
    (target) =>
      existsSync(join(target, "node_modules"))
        ? installedFiles(realpathSync(join(target, "node_modules")), "node_modules/")
        : [],
  );
  if (installed !== undefined) {
    // What clients note down about an installation differs from one to the next.
    const kept = installed.filter(
      ({ path }) =>
        !/^node_modules\/(?:\.package-lock\.json|\.modules\.yaml|\.pnpm-workspace-state[\w-]*\.json|\.yarn-integrity|\.cache\/)/.test(
          path,
        ),
    );
    return { ...none, files: kept };
  }
  const message =
    result?.isMissing === true
      ? `Node modules are installed by ${client.program}, which is not there: install it and build again`
      : `${client.program} cannot install what the lockfile says; it said:\n  ${lastLines(result?.output ?? "")}`;
  const code = result?.isMissing === true ? "node_no_installer" : "node_modules_failed";
  return { ...none, findings: [{ severity: "error", path: [], code, message, file: source }] };
}

function withoutLockfile(files: readonly PayloadFile[], source: string): Finding[] {
  const manifest = files.find(({ path }) => path === "package.json");
  if (manifest === undefined) return [];
  const hasDependencies = /"(?:optionalD|d)ependencies"\s*:\s*\{\s*"/.test(
    Buffer.from(manifest.content).toString(),
  );
  const hasModules = files.some(({ path }) => path.startsWith("node_modules/"));
  if (!hasDependencies || hasModules) return [];
  return [
    {
      severity: "warning",
      path: [],
      code: "no_lockfile",
      message:
        "nothing is installed for this package.json: there is no package-lock.json, pnpm-lock.yaml or yarn.lock beside it",
      file: `${source}/package.json`,
    },
  ];
}
