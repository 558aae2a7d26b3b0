import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testProject } from "../../test/test-project.ts";
import { cleanProject } from "./clean-project.ts";

test("what was built for an environment goes, its realm's record too; without one all of dist (FW-259, FW-261, FW-262)", async () => {
  using files = testProject({
    "lava-payloads/x.rsc/deep/a.txt": "a",
    "lava-payloads/x.raw/b": "b",
  });
  await files.build("dev", { realmInfo: { record: { realm: "test" } } });
  await files.build("uat");
  const project = await files.open();

  expect(await cleanProject(project, "dev")).toEqual({ removed: ["dist/dev"], missingImages: [] });
  expect([
    existsSync(join(files.dir, "dist/dev")),
    existsSync(join(files.dir, "dist/uat")),
  ]).toEqual([false, true]);
  expect((await cleanProject(project, "dev")).removed).toEqual([]);
  expect((await cleanProject(project)).removed).toEqual(["dist"]);
  expect((await cleanProject(project)).removed).toEqual([]);
  await expect(cleanProject(project, "prod")).rejects.toMatchObject({
    code: "UNKNOWN_ENVIRONMENT",
  });
});
