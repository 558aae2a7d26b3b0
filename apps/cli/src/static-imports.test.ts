import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

/** Imports and re-exports of values, those of types left out. */
const IMPORT = /^(?:import|export)\s+(?!type\b)(?:([^"';]*?)\s+from\s+)?"([^"]+)"/gm;

function isOfTypes(names: string | undefined): boolean {
  const listed = /^\{([^}]*)\}$/.exec(names?.trim() ?? "")?.[1];
  return listed?.split(",").every((name) => /^(?:type\b.*)?$/.test(name.trim())) ?? false;
}

/** Packages that a file loads as it starts, each with the way to it. */
function packagesOf(file: string, way: readonly string[], seen: Map<string, string>): void {
  if (way.includes(file) || seen.has(file)) return;
  seen.set(file, "");
  for (const [, names, target = ""] of readFileSync(file, "utf8").matchAll(IMPORT)) {
    if (isOfTypes(names) || target.startsWith("node:")) continue;
    if (target.startsWith(".")) packagesOf(resolve(dirname(file), target), [...way, file], seen);
    else seen.set(target, [...way, file].map((path) => path.split("/src/")[1]).join(" > "));
  }
}

test("every command starts without the SDK and the schemas: those who need them load them on use", () => {
  const seen = new Map<string, string>();
  packagesOf(join(import.meta.dirname, "main.ts"), [], seen);

  const packages = [...seen].filter(([, way]) => way !== "");
  expect(packages.map(([name]) => name)).toContain("commander");
  expect(packages.filter(([name]) => !["commander", "@lava/core"].includes(name))).toEqual([]);
});
