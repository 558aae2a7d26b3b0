import { fnmatch } from "@lava/core";
import type { Finding } from "../types.ts";
import { folderFiles } from "./folder-files.ts";
import type { PayloadBuilder, PayloadFile } from "./payload-builder.ts";
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

/** `x.pkg/`: `x.zip` of the folder, with the files of its `env/` rendered (FW-174..184). */
export const pkg: PayloadBuilder = {
  kind: "package",
  suffixes: ["pkg"],
  isFolder: true,
  async build(context) {
    const source = `${context.folder}/${context.name}`;
    const isRendered = (path: string): boolean => path.startsWith("env/") && !path.endsWith(".swp");
    const { files, inputs, findings } = folderFiles(context, isRendered);
    const problems = [...findings, ...needsInstall(files, source), ...missed(files, source)];
    const content = await zipFiles(files.filter(({ path }) => !isLeftOut(path)));
    const path = context.name.replace(/\.pkg$/, ".zip");
    return { files: [{ path, content, mode: 0o644 }], inputs, findings: problems };
  },
};

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
      message: `${path} is left out of the package`,
      file: `${source}/${path}`,
    }));
}

function needsInstall(files: readonly PayloadFile[], source: string): Finding[] {
  return ["requirements.txt", "requirements-nodeps.txt"]
    .filter((name) =>
      files.some(
        ({ path, content }) => path === name && /^[^#\s]/m.test(Buffer.from(content).toString()),
      ),
    )
    .map((name) => ({
      severity: "error",
      path: [],
      code: "requirements_not_supported",
      message: `this version cannot install Python modules into a package: put them into ${source} beforehand, and remove ${name}`,
      file: `${source}/${name}`,
    }));
}
