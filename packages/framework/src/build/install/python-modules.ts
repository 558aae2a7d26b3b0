import { join } from "node:path";
import { sha256 } from "../fingerprints.ts";
import type { PayloadContext, PayloadFile } from "../payload/payload-builder.ts";
import { lastLines, runTool, type ToolResult } from "../tools/run-tool.ts";
import type { Finding } from "../types.ts";
import { inCache, installedFiles } from "./installed-files.ts";
import { configText } from "./package-config.ts";

/** Files that name Python modules, and whether what these need is installed too (FW-176, FW-177). */
const REQUIREMENTS = [
  ["requirements.txt", true],
  ["requirements-nodeps.txt", false],
] as const;

/** What was installed for a package. */
export interface Installed {
  readonly files: readonly PayloadFile[];
  readonly inputs: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * Installs the Python modules of a package by pip, or by uv where there is no pip (or `pkg.installer` says so).
 * What `requirements.txt` brings is not replaced by what `requirements-nodeps.txt` brings (FW-176, FW-177, FW-183).
 */
export async function pythonModules(
  files: readonly PayloadFile[],
  context: PayloadContext,
): Promise<Installed> {
  const wanted = REQUIREMENTS.flatMap(([name, withDependencies]) => {
    const text = files.find(({ path }) => path === name)?.content;
    const requirements = text === undefined ? "" : Buffer.from(text).toString("utf8");
    return /^[^#\s]/m.test(requirements) ? [{ name, withDependencies, requirements }] : [];
  });
  if (wanted.length === 0) return { files: [], inputs: [], findings: [] };
  const inputs = INDEX_VARIABLES.map((name) => `@environ:${name}`);
  if (context.programs === "none") return { files: [], inputs, findings: [] };
  const installed = new Map<string, PayloadFile>();
  const findings: Finding[] = [];
  for (const { name, withDependencies, requirements } of wanted) {
    const source = `${context.folder}/${context.name}/${name}`;
    const outcome = await install(source, requirements, withDependencies, context);
    if ("code" in outcome) findings.push(outcome);
    else
      for (const file of outcome.files)
        if (!installed.has(file.path)) installed.set(file.path, file);
  }
  return { files: [...installed.values()], inputs, findings };
}

const INDEX_VARIABLES = ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"];

async function install(
  source: string,
  requirements: string,
  withDependencies: boolean,
  context: PayloadContext,
): Promise<{ readonly files: readonly PayloadFile[] } | Finding> {
  const { root, folder, environ, config, cache } = context;
  const platform = configText(config, "platform");
  const python = configText(config, "python");
  const wanted = configText(config, "installer");
  for (const installer of INSTALLERS.filter(
    ({ name }) => wanted === undefined || name === wanted,
  )) {
    const version = await versionOf(installer, context);
    if (version === undefined) continue;
    const decides = [installer.name, version, requirements, withDependencies, platform, python];
    const indexes = INDEX_VARIABLES.map((name) => environ[name]);
    let result: ToolResult | undefined;
    const files = await inCache(
      join(cache, "python"),
      NAMES_FILES.test(requirements) ? undefined : sha256(JSON.stringify([...decides, indexes])),
      async (target) => {
        result = await runTool({
          program: installer.program,
          args: [
            ...installer.args({ target, platform, python }),
            ...(withDependencies ? [] : ["--no-deps"]),
            "--requirement",
            join(root, source),
          ],
          cwd: join(root, folder),
          env: { ...environ, ...indexForUv(environ), PYTHONDONTWRITEBYTECODE: "1" },
        });
        return result.status === 0;
      },
      (target) => installedFiles(target),
    );
    if (files !== undefined) return { files };
    const output = result?.output ?? "";
    if (!/No module named '?pip\b/.test(output)) return failure(source, installer.name, output);
  }
  return fault(
    source,
    "requirements_no_installer",
    "Python modules are installed by pip or uv, and neither is there: install python3 with pip, or uv, and build again",
  );
}

/** Other files that requirements name may change on their own. */
const NAMES_FILES =
  /^\s*(?:-[rcef]|--(?:requirement|constraint|editable|find-links)|\.{0,2}\/)|file:/m;

function failure(source: string, name: string, output: string): Finding {
  const isOffline =
    /NewConnectionError|ConnectionError|name resolution|dns error|client error \(Connect\)|Network is unreachable|error sending request/i.test(
      output,
    );
  const reason = isOffline
    ? "the package index cannot be reached (PIP_INDEX_URL names another one)"
    : "the requirements cannot be met";
  const code = isOffline ? "requirements_offline" : "requirements_failed";
  return fault(source, code, `${reason}; ${name} said:\n  ${lastLines(output)}`);
}

interface Installer {
  readonly name: "pip" | "uv";
  readonly program: string;
  args(options: {
    readonly target: string;
    readonly platform: string | undefined;
    readonly python: string | undefined;
  }): string[];
}

/** What the program says of its version, which is quicker asked of Python than of pip; undefined without it. */
async function versionOf(
  { program }: Installer,
  { environ, root }: PayloadContext,
): Promise<string | undefined> {
  const { status, output } = await runTool({
    program,
    args: ["--version"],
    cwd: root,
    env: environ,
  });
  return status === 0 ? output.trim() : undefined;
}

const pipArgs: Installer["args"] = ({ target, platform, python }) => [
  "-m",
  "pip",
  "install",
  "--disable-pip-version-check",
  "--no-input",
  "--no-compile",
  "--no-warn-script-location",
  "--ignore-installed",
  "--target",
  target,
  ...(platform === undefined
    ? []
    : platform.split(/\s*,\s*/).flatMap((name) => ["--platform", name])),
  ...(python === undefined ? [] : ["--python-version", python]),
  // Nothing can be compiled here for another machine.
  ...(platform === undefined && python === undefined ? [] : ["--only-binary", ":all:"]),
];

const uvArgs: Installer["args"] = ({ target, platform, python }) => [
  "pip",
  "install",
  "--no-progress",
  "--target",
  target,
  ...(platform === undefined ? [] : ["--python-platform", uvPlatform(platform)]),
  ...(python === undefined ? [] : ["--python-version", python]),
  ...(platform === undefined && python === undefined ? [] : ["--only-binary", ":all:"]),
];

/** `manylinux2014_aarch64`, as pip has it, is `aarch64-manylinux2014` for uv. */
function uvPlatform(platform: string): string {
  return platform.replace(/^(manylinux\w*?)_(x86_64|aarch64)$/, "$2-$1");
}

const INSTALLERS: readonly Installer[] = [
  { name: "pip", program: "python3", args: pipArgs },
  { name: "uv", program: "uv", args: uvArgs },
];

/** uv has a variable of its own for the index. */
function indexForUv(environ: PayloadContext["environ"]): Record<string, string | undefined> {
  const index = environ["PIP_INDEX_URL"];
  return index === undefined || environ["UV_DEFAULT_INDEX"] !== undefined
    ? {}
    : { UV_DEFAULT_INDEX: index };
}

function fault(file: string, code: string, message: string): Finding {
  return { severity: "error", path: [], code, message, file };
}
