// Which @lava packages each package may depend on: the only place that says so (docs/adr/0003).
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

const all = [
  "core",
  "spec",
  "render",
  "realm",
  "connectors",
  "scheduler",
  "worker",
  "framework",
  "lambdas",
  "local-aws",
  "testing",
];
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  "@lava/core": [],
  "@lava/spec": ["core"],
  "@lava/render": ["core", "spec"],
  "@lava/realm": ["core", "spec", "render"],
  "@lava/scheduler": ["core", "spec", "render", "realm"],
  "@lava/connectors": ["core", "spec", "render", "realm"],
  "@lava/worker": ["core", "spec", "render", "realm", "connectors", "scheduler"],
  "@lava/framework": ["core", "spec", "render", "realm", "connectors", "scheduler"],
  "@lava/lambdas": ["core", "spec", "render", "realm"],
  "@lava/local-aws": ["core"],
  "@lava/testing": ["core", "spec", "realm", "local-aws"],
  "@lava/infra": ["core", "spec"],
  "@lava/app-worker": ["core", "spec", "realm", "connectors", "scheduler", "worker"],
  "@lava/cli": [...all, "app-worker"],
  "@lava/example-plugin": all,
  "@lava/example-app": ["connectors", "realm"],
  "@lava/example-quickstart": all,
  "@lava/faults": all,
  "@lava/bench": [...all, "cli", "app-worker"],
};

const root = join(import.meta.dirname, "..");
const manifests = globSync("{packages/*,apps/*,examples/*,infra,bench,faults}/package.json", {
  cwd: root,
});

/** A field of a manifest that maps names to versions. */
function names(manifest: unknown, field: string): string[] {
  if (typeof manifest !== "object" || manifest === null) return [];
  const value: unknown = Reflect.get(manifest, field);
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

describe.each(manifests)("%s", (file) => {
  const folder = join(root, dirname(file));
  const manifest: unknown = JSON.parse(readFileSync(join(root, file), "utf8"));
  const name = String(Reflect.get(Object(manifest), "name"));
  const allowed = LAYERS[name]?.map((layer) => `@lava/${layer}`);
  const sources = globSync("{src,test}/**/*.ts", { cwd: folder });

  test("depends only on the layers below it", () => {
    const used = names(manifest, "dependencies").filter((dependency) =>
      dependency.startsWith("@lava/"),
    );

    expect(allowed, `${name} has no line in LAYERS`).toBeDefined();
    expect(used.filter((dependency) => !allowed?.includes(dependency))).toEqual([]);
  });

  test("its code imports no package of this repository that it may not, and none by a deep path", () => {
    const mayTest = [...(allowed ?? []), ...names(manifest, "devDependencies"), name];
    const wrong = sources.flatMap((source) => {
      const own = /\.test\.ts$|^test\//.test(source) ? mayTest : allowed;
      const text = readFileSync(join(folder, source), "utf8");
      return [...text.matchAll(/(?:from|import\()\s*"(@lava\/[^"]+)"/g)]
        .map((match) => match[1] ?? "")
        .filter((target) => !own?.includes(target))
        .map((target) => `${source}: ${target}`);
    });

    expect(wrong).toEqual([]);
  });

  test("has a README", () => {
    expect(readFileSync(join(folder, "README.md"), "utf8")).toContain(name);
  });
});
