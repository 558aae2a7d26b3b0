import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Project, SPEC_FOLDERS } from "../project.ts";
import { isOwnPath } from "./own-path.ts";
import type { Finding, ItemKind } from "./types.ts";

/** A spec file of a project. */
export interface SpecSource {
  readonly kind: ItemKind;
  /** `ts` is a module that gives specs: `x.ts`, `x.mts`. */
  readonly format: "yaml" | "json" | "ts";
  /** Project-relative: `lava-jobs/a/b.yaml`. */
  readonly source: string;
  /** `lava-jobs`. */
  readonly folder: string;
  /** `a/b.yaml`: `jinja.templates[0]` (FW-069). */
  readonly name: string;
  /** `lava-jobs/a/b.json`. */
  readonly output: string;
}

/** Something in `lava-payloads` or `misc`. */
export interface FileSource {
  readonly folder: "lava-payloads" | "misc";
  readonly name: string;
  readonly source: string;
  readonly isFolder: boolean;
}

/** All sources of a project, sorted, and what is wrong with their names. */
export interface Sources {
  readonly specs: readonly SpecSource[];
  readonly files: readonly FileSource[];
  readonly findings: readonly Finding[];
}

/** The kind of item whose specs stand in a component folder. */
export const KIND_OF_FOLDER: { readonly [F in (typeof SPEC_FOLDERS)[number]]: ItemKind } = {
  "lava-connections": "connection",
  "lava-jobs": "job",
  "lava-rules": "rule",
  "lava-triggers": "s3trigger",
};

/** Finds specs (recursive, symlinks followed, no `_` parts: FW-019..021) and files of payloads and misc (flat). */
export function discoverSources(project: Project): Sources {
  const findings: Finding[] = [];
  const specs: SpecSource[] = [];
  for (const folder of SPEC_FOLDERS) {
    for (const name of walkFiles(project.dir, folder, findings)) {
      const spec = toSpec(folder, name, findings);
      if (spec !== undefined) specs.push(spec);
    }
  }
  findings.push(...sameOutputs(specs));
  const files = (["lava-payloads", "misc"] as const).flatMap((folder) =>
    listFolder(project.dir, folder, findings).map(({ name, isFolder }) => ({
      folder,
      name,
      source: `${folder}/${name}`,
      isFolder,
    })),
  );
  return { specs, files, findings };
}

function toSpec(
  folder: (typeof SPEC_FOLDERS)[number],
  name: string,
  findings: Finding[],
): SpecSource | undefined {
  const source = `${folder}/${name}`;
  const match = /^(.*)\.(yaml|json|ts|mts)$/.exec(name);
  // Declarations and tests stand beside what they are about.
  if (/\.(?:d|test|spec)\.m?ts$/.test(name)) return undefined;
  if (match === null) {
    const near = /\.(ya?ml|json)$/i.exec(name)?.[1];
    if (near !== undefined) {
      const meant = near.toLowerCase() === "json" ? "json" : "yaml";
      findings.push({
        severity: "warning",
        path: [],
        code: "ignored_file",
        message: `the file is ignored: names of specs end in .yaml, .json, .ts or .mts`,
        file: source,
        suggestion: name.replace(/\.[^.]*$/, `.${meant}`),
      });
    }
    return undefined;
  }
  return {
    kind: KIND_OF_FOLDER[folder],
    format: match[2] === "yaml" || match[2] === "json" ? match[2] : "ts",
    source,
    folder,
    name,
    output: `${folder}/${match[1] ?? ""}.json`,
  };
}

/** Two sources with one output are a mistake (FW-101). */
function sameOutputs(specs: readonly SpecSource[]): Finding[] {
  const first = new Map<string, SpecSource>();
  return specs.flatMap((spec) => {
    const other = first.get(spec.output);
    first.set(spec.output, other ?? spec);
    if (other === undefined) return [];
    return [
      {
        severity: "error" as const,
        path: [],
        code: "same_output",
        message: `${other.source} and ${spec.source} would both be built as ${spec.output}`,
        file: spec.source,
      },
    ];
  });
}

/** Files below `root/folder`, relative to it, sorted; symlinks are followed, loops and dangling ones reported. */
export function walkFiles(
  root: string,
  folder: string,
  findings: Finding[],
  options: { readonly all?: boolean } = {},
): string[] {
  const names: string[] = [];
  const walk = (relative: string, ancestors: readonly string[]): void => {
    const entries = listFolder(
      root,
      relative === "" ? folder : `${folder}/${relative}`,
      findings,
      options.all,
    );
    for (const { name, isFolder, isLink } of entries) {
      const path = relative === "" ? name : `${relative}/${name}`;
      if (!isFolder) {
        names.push(path);
        continue;
      }
      // Only a link can lead back to a folder above it.
      const real = isLink || ancestors.length === 0 ? realpathSync(join(root, folder, path)) : "";
      if (isLink && ancestors.some((above) => above === real || above.startsWith(`${real}/`))) {
        findings.push(
          linkFault(`${folder}/${path}`, "the symlink leads back to a folder above it"),
        );
      } else walk(path, [...ancestors, realpathSync(join(root, folder, path))]);
    }
  };
  if (statSync(join(root, folder), { throwIfNoEntry: false })?.isDirectory() === true) {
    walk("", [realpathSync(join(root, folder))]);
  }
  return names;
}

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly isLink: boolean;
}

/** Entries of a folder, sorted; without `_` and dot names unless `all`. */
function listFolder(root: string, folder: string, findings: Finding[], all = false): Entry[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter(({ name }) => all || !/^[_.]/.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): Entry[] => {
      if (!entry.isSymbolicLink()) {
        return [{ name: entry.name, isFolder: entry.isDirectory(), isLink: false }];
      }
      try {
        const real = realpathSync(join(root, folder, entry.name));
        if (!isOwnPath(root, `${folder}/${entry.name}`)) {
          findings.push(
            linkFault(`${folder}/${entry.name}`, "the symlink leads out of the project"),
          );
          return [];
        }
        return [{ name: entry.name, isFolder: statSync(real).isDirectory(), isLink: true }];
      } catch {
        findings.push(linkFault(`${folder}/${entry.name}`, "the symlink leads nowhere"));
        return [];
      }
    });
}

function linkFault(file: string, message: string): Finding {
  return { severity: "error", path: [], code: "bad_symlink", message, file };
}
