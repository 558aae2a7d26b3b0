import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const run = promisify(execFile);
const example = join(import.meta.dirname, "..");
const cli = join(example, "../../apps/cli/src/main.ts");
let folder: string;
let project: string;

/** The example in a folder of its own, so that tests and a running demo do not meet. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-quickstart-"));
  project = join(folder, "project");
  await cp(example, project, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) =>
      !/\/(?:node_modules|dist|\.lava-dev)(?:\/|$)/.test(path.slice(example.length)),
  });
  await symlink(join(example, "node_modules"), join(project, "node_modules"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The command line from its sources, in the project. */
async function lava(...args: string[]): Promise<string> {
  const env = { ...process.env, LAVA_QUICKSTART_DATA: join(folder, "data"), LAVA_REALM: "" };
  const flags = ["--conditions=@lava/source", "--disable-warning=ExperimentalWarning", cli];
  const { stdout } = await run(process.execPath, [...flags, ...args], { cwd: project, env });
  return stdout;
}

describe("the quickstart project", () => {
  test("checks without errors in both environments", async () => {
    const result = JSON.parse(await lava("check", "--json"));

    expect(result).toMatchObject({ ok: true, environments: ["dev", "uat"] });
  });

  test("builds differently for dev and uat, and not again when nothing changed", async () => {
    await lava("build", "--env", "dev");
    await lava("build", "--env", "uat");
    const again = JSON.parse(await lava("build", "--env", "uat", "--json"));
    const load = (env: string) =>
      readFile(join(project, "dist", env, "lava-jobs/load.json"), "utf8");

    expect(again).toMatchObject({ built: [], removed: [] });
    expect(await load("dev")).toContain("BETWEEN 2012 AND 2015");
    expect(await load("uat")).toContain("BETWEEN 2014 AND 2015");
  });

  test(
    "runs its whole pipeline in one process, with the values of uat",
    { timeout: 60_000 },
    async () => {
      const result = JSON.parse(
        await lava("run", "quickstart/weather", "--local", "--env", "uat", "--json"),
      );

      expect(result).toMatchObject({ status: "complete", error: null });
    },
  );
});
