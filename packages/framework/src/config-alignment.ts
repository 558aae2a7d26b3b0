import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Data, suggest } from "@lava/core";
import { isDataMap } from "./build/python-json.ts";
import type { Finding } from "./build/types.ts";
import type { Project } from "./project.ts";
import { readYaml } from "./yaml/read.ts";

/**
 * Keys that one environment has and another lacks (FW-269, FW-270). Errors when the project's `config_checks` is
 * `strict`, else warnings. Files that cannot be read are left to the check of their environment.
 */
export function configAlignment(project: Project): Finding[] {
  const files = project.environments.flatMap((name) => {
    const file = `config/${name}.yaml`;
    const read = readYaml(readFileSync(join(project.dir, file), "utf8"));
    if (read.data === undefined || !isDataMap(read.data)) return [];
    return [{ file, keys: new Set(keyTree(read.data)), locate: read.locate }];
  });
  const all = [...new Set(files.flatMap(({ keys }) => [...keys]))].sort();
  return files.flatMap(({ file, keys, locate }) =>
    all
      .filter((key) => !keys.has(key))
      // Of a map that is missing as a whole, the map is enough.
      .filter((key) => !key.includes(".") || keys.has(key.slice(0, key.lastIndexOf("."))))
      .map((key): Finding => {
        const holders = files.filter((other) => other.keys.has(key)).map((other) => other.file);
        const own = [...keys].filter((name) => !files.every((other) => other.keys.has(name)));
        const suggestion = suggest(key, own);
        const path = key.split(".").slice(0, -1);
        return {
          severity: project.configChecks === "strict" ? "error" : "warning",
          path: key.split("."),
          code: "config_misaligned",
          message: `${key} is missing here; ${holders.join(", ")} ${holders.length === 1 ? "has" : "have"} it`,
          file,
          ...(path.length === 0 ? {} : locate(path)),
          ...(suggestion === undefined ? {} : { suggestion }),
        };
      }),
  );
}

/** `extra`, `extra.a`, `extra.a.b`: keys of maps only (FW-270). */
function keyTree(data: Data, prefix = ""): string[] {
  if (!isDataMap(data)) return [];
  return Object.entries(data).flatMap(([key, value]) => [
    prefix + key,
    ...keyTree(value, `${prefix}${key}.`),
  ]);
}
