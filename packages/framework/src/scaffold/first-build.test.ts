import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildProject } from "../build/build.ts";
import { checkProject } from "../check.ts";
import { openProject } from "../project.ts";
import { scaffoldProject } from "./scaffold.ts";

test("a new project checks and builds without a finding, and without Python (FW-044)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lava-first-"));
  try {
    const answers = { realm: "demo", description: 'A test: of "quotes"', owner: "me" };
    const { dir } = await scaffoldProject(answers, join(folder, "my.project"));
    const project = await openProject(join(dir, "lava-jobs"));

    const checked = await checkProject(project, { strict: true });
    const built = await buildProject(project, { env: "dev", strict: true });

    expect(checked.issues).toEqual([]);
    expect(built.items.map(({ id }) => id)).toEqual(["app/my.project/hello"]);
    expect(built.payloads.map(({ name }) => name)).toEqual(["hello.sh"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
