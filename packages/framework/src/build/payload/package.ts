import { fnmatch } from "@lava/core";
import { hasNodeModules, nodeModules } from "../install/node-modules.ts";
import { configList, configText } from "../install/package-config.ts";
import { pythonModules } from "../install/python-modules.ts";
import { notebookScript } from "../notebook/notebook-script.ts";
import type { NotebookTemplate } from "../notebook/notebook-template.ts";
import type { Finding } from "../types.ts";
import { folderFiles } from "./folder-files.ts";
import type { PayloadBuilder, PayloadFile } from "./payload-builder.ts";
import { oversize } from "./size-limit.ts";
import { zipFiles } from "./zip.ts";

/** What is never in a bundle (FW-179). */
const LEFT_OUT = [
  "*.pyc",
  "*__pycache__/*",
  "*.swp",
  "*.ipynb",
  "*.zip",
  "*.tar.*",
  "*-info/*",
  "*.DS_Store",
];

/** Of these, what is the user's own data, and is missed when it is left out (FW-181). */
const OWN = ["*.zip", "*.tar.*", "*-info/*"];

/**
 * `x.pkg/`: `x.zip` of the folder, with the files of its `env/` rendered, notebooks as scripts, and the Python and
 * Node modules that it asks for (FW-174..185). `pkg.keep` and `pkg.keep_metadata` of the config keep files that
 * would be left out.
 */
export const pkg: PayloadBuilder = {
  kind: "package",
  suffixes: ["pkg"],
  isFolder: true,
  outputSuffix: "zip",
  async build(context) {
    const { config } = context;
    const source = `${context.folder}/${context.name}`;
    const isRendered = (path: string): boolean => path.startsWith("env/") && !path.endsWith(".swp");
    const { files, inputs, findings } = folderFiles(context, isRendered);
    const installs = hasNodeModules(files);
    const own = withNotebooks(
      installs ? files.filter(({ path }) => !path.startsWith("node_modules/")) : files,
      source,
      context.notebook,
    );
    const python = await pythonModules(files, context);
    const node = await nodeModules(files, context);
    const keep = [
      ...configList(config, "keep"),
      ...(/^true$/i.test(configText(config, "keep_metadata") ?? "") ? ["*-info/*"] : []),
    ];
    const isKept = (path: string): boolean => keep.some((pattern) => fnmatch(path, pattern));
    // The package's own files win over what is installed.
    const all = new Map(
      [...node.files, ...python.files, ...own.files].map((file) => [file.path, file]),
    );
    const bundled = [...all.values()].filter(({ path }) => isKept(path) || !isLeftOut(path));
    const content = await zipFiles(bundled);
    const path = context.name.replace(/\.pkg$/, ".zip");
    const others = [
      ...own.findings,
      ...python.findings,
      ...node.findings,
      ...missed(
        own.files.filter((file) => !isKept(file.path)),
        source,
      ),
      ...oversize("pkg", content.length, source),
    ];
    return {
      files: [{ path, content, mode: 0o644 }],
      inputs: [...inputs, ...python.inputs, "@pkg"],
      findings: [...findings, ...others],
    };
  },
};

/** Notebooks get their scripts beside them, unless there is one (FW-178). */
function withNotebooks(
  files: readonly PayloadFile[],
  source: string,
  template: NotebookTemplate | undefined,
): { files: readonly PayloadFile[]; findings: readonly Finding[] } {
  const names = new Set(files.map(({ path }) => path));
  const findings: Finding[] = [];
  const scripts = files.flatMap(({ path, content }): PayloadFile[] => {
    const script = path.replace(/\.ipynb$/, ".py");
    if (script === path || names.has(script)) return [];
    const notebook = Buffer.from(content).toString("utf8");
    const made = notebookScript(notebook, `${source}/${path}`, template);
    findings.push(...made.findings);
    return [{ path: script, content: Buffer.from(made.text), mode: 0o744 }];
  });
  return { files: [...files, ...scripts], findings };
}

/** Dot names at the root stay out, deeper ones do not (FW-180). */
function isLeftOut(path: string): boolean {
  return path.startsWith(".") || LEFT_OUT.some((pattern) => fnmatch(path, pattern));
}

function missed(files: readonly PayloadFile[], source: string): Finding[] {
  return files
    .filter(({ path }) => path.startsWith(".") || OWN.some((pattern) => fnmatch(path, pattern)))
    .filter(({ path }) => !path.endsWith(".swp") && !path.endsWith(".DS_Store"))
    .map(({ path }) => ({
      severity: "warning",
      path: [],
      code: "left_out",
      message: `${path} is left out of the package; pkg.keep of the config file keeps it`,
      file: `${source}/${path}`,
    }));
}
