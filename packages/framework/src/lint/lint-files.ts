import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { extname, join } from "node:path";
import type { Project } from "../project.ts";

/** Folders at the root of a project that hold nothing of its authors (FW-265, FW-266). */
const FOREIGN = new Set([".git", ".idea", ".lava-dev", "dist", "node_modules", "untracked"]);

/** Files of a project by what they are written in, project-relative and sorted. */
export interface LintFiles {
  readonly yaml: readonly string[];
  readonly python: readonly string[];
  readonly shell: readonly string[];
  readonly script: readonly string[];
}

/** Finds what there is to lint; files without a suffix are looked into for their interpreter (FW-265). */
export function lintFiles(project: Project): LintFiles {
  const found = {
    yaml: [] as string[],
    python: [] as string[],
    shell: [] as string[],
    script: [] as string[],
  };
  const walk = (folder: string): void => {
    const entries = readdirSync(join(project.dir, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        const isForeign = folder === "" ? FOREIGN.has(entry.name) : entry.name === "node_modules";
        if (!isForeign && !/^\.?venv/.test(entry.name) && entry.name !== "__pycache__") walk(path);
      } else if (entry.isFile()) {
        const kind = kindOf(path, project);
        if (kind !== undefined && !isTemplate(path, project)) found[kind].push(path);
      }
    }
  };
  walk("");
  return found;
}

/** Files of packages, images and resources that the build renders (FW-078): what is written is not yet a program. */
function isTemplate(path: string, { dir }: Project): boolean {
  const isRendered = /^lava-payloads\/[^/]+\.(?:(?:pkg|docker)\/env|rsc)\//.test(path);
  return isRendered && /<[{%#]/.test(readFileSync(join(dir, path), "utf8"));
}

/** The original leaves these to whoever wrote the framework. */
const PYTHON_FOREIGN = /^(?:doc|bin|etc|lib)\//;

function kindOf(path: string, project: Project): keyof LintFiles | undefined {
  const suffix = extname(path);
  if (/^\.ya?ml$/.test(suffix)) return "yaml";
  if (suffix === ".py") return PYTHON_FOREIGN.test(path) ? undefined : "python";
  if (!/^(?:lava-payloads|misc)\//.test(path)) return undefined;
  if (/^\.(?:sh|bash)$/.test(suffix)) return "shell";
  if (/^\.(?:[cm]?js|[cm]?ts)$/.test(suffix)) return "script";
  if (suffix !== "") return undefined;
  const first = firstLine(join(project.dir, path));
  if (/^#!.*\bpython/.test(first)) return "python";
  return /^#!.*\b(?:ba|da|k)?sh\b/.test(first) ? "shell" : undefined;
}

function firstLine(file: string): string {
  const buffer = Buffer.alloc(128);
  const handle = openSync(file, "r");
  try {
    const length = readSync(handle, buffer, 0, buffer.length, 0);
    return buffer.subarray(0, length).toString("latin1").split("\n")[0] ?? "";
  } finally {
    closeSync(handle);
  }
}
