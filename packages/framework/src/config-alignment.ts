import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Data, fnmatch, suggest } from "@lava/core";
import { isDataMap } from "./build/python-json.ts";
import type { Finding } from "./build/types.ts";
import type { Project } from "./project.ts";
import { readYaml } from "./yaml/read.ts";

/** What stands at a key: the shapes that must agree (FW-271). */
type Shape = "map" | "list of maps" | "value";

interface ConfigFile {
  readonly file: string;
  readonly keys: ReadonlyMap<string, Shape>;
  readonly locate: ReturnType<typeof readYaml>["locate"];
}

/**
 * Keys that one environment has and another lacks, or has as something else (FW-269 to FW-271). Errors when the
 * project's `config_checks` is `strict`, warnings with `warning`, none when it is empty. Patterns in
 * `ignore_config_keys` take keys out. Files that cannot be read are left to the check of their environment.
 */
export function configAlignment(project: Project): Finding[] {
  const { configChecks, settings } = project;
  if (configChecks === "off") return [];
  const files = project.environments.flatMap((name): ConfigFile[] => {
    const file = `config/${name}.yaml`;
    const read = readYaml(readFileSync(join(project.dir, file), "utf8"));
    if (read.data === undefined || !isDataMap(read.data)) return [];
    return [{ file, keys: keyTree(read.data), locate: read.locate }];
  });
  return misalignments(files, settings.ignore_config_keys).map((finding) => ({
    ...finding,
    severity: configChecks === "strict" ? "error" : "warning",
  }));
}

/** The same for any files, by name and content (CLI-233). */
export function alignFiles(
  files: readonly { readonly file: string; readonly data: Data }[],
  ignored: readonly string[],
): Finding[] {
  const locate = (): { line: number; column: number } => ({ line: 1, column: 1 });
  return misalignments(
    files.map(({ file, data }) => ({ file, keys: keyTree(data), locate })),
    ignored,
  ).map((finding) => ({ ...finding, severity: "error" }));
}

function misalignments(
  files: readonly ConfigFile[],
  ignored: readonly string[],
): Omit<Finding, "severity">[] {
  const isIgnored = (key: string): boolean => ignored.some((pattern) => fnmatch(key, pattern));
  const all = [...new Set(files.flatMap(({ keys }) => [...keys.keys()]))].sort();
  return files.flatMap((own) =>
    all
      .filter((key) => !isIgnored(key))
      .flatMap((key) => {
        const fault = own.keys.has(key)
          ? differentShape(key, own, files)
          : missing(key, own, files);
        return fault === undefined ? [] : [fault];
      }),
  );
}

function missing(
  key: string,
  { file, keys, locate }: ConfigFile,
  files: readonly ConfigFile[],
): Omit<Finding, "severity"> | undefined {
  const parent = key.slice(0, Math.max(0, key.lastIndexOf("."))).replace(/\[\]$/, "");
  // Of a map that is missing as a whole, or is something else here, the map is enough.
  if (parent !== "" && (!keys.has(parent) || keys.get(parent) === "value")) return undefined;
  const holders = files.filter((other) => other.keys.has(key)).map((other) => other.file);
  const own = [...keys.keys()].filter((name) => !files.every((other) => other.keys.has(name)));
  const suggestion = suggest(key, own);
  const path = parent === "" ? [] : parent.replaceAll("[]", "").split(".");
  return {
    path: key.split("."),
    code: "config_misaligned",
    message: `${key} is missing here; ${holders.join(", ")} ${holders.length === 1 ? "has" : "have"} it`,
    file,
    ...(path.length === 0 ? {} : locate(path)),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** Told in each file but the first one that has the key. */
function differentShape(
  key: string,
  { file, keys, locate }: ConfigFile,
  files: readonly ConfigFile[],
): Omit<Finding, "severity"> | undefined {
  const first = files.find((other) => other.keys.has(key));
  const [here, there] = [keys.get(key), first?.keys.get(key)];
  if (first === undefined || here === there) return undefined;
  return {
    path: key.split("."),
    code: "config_misaligned",
    message: `${key} is a ${here} here, and a ${there} in ${first.file}`,
    file,
    ...locate(key.replaceAll("[]", "").split(".")),
  };
}

/** `extra`, `extra.a`, `extra.a.b`: keys of maps (FW-270), and `list[]`, `list[].a` for lists of maps (FW-271). */
function keyTree(data: Data, prefix = ""): Map<string, Shape> {
  const tree = new Map<string, Shape>();
  if (!isDataMap(data)) return tree;
  for (const [key, value] of Object.entries(data)) {
    const name = prefix + key;
    const maps = Array.isArray(value) ? value.filter((item: Data) => isDataMap(item)) : [];
    tree.set(name, isDataMap(value) ? "map" : maps.length > 0 ? "list of maps" : "value");
    for (const [inner, shape] of keyTree(value, `${name}.`)) tree.set(inner, shape);
    for (const item of maps) {
      for (const [inner, shape] of keyTree(item, `${name}[].`)) tree.set(inner, shape);
    }
  }
  return tree;
}
