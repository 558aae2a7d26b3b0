import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testProject } from "../../test/test-project.ts";
import { runHooks } from "./project-hooks.ts";

const machine = { PATH: process.env["PATH"] ?? "" };

describe("a project's own programs", () => {
  test("are the targets of misc/Makefile.local and the executables of misc/hooks (FW-219, FW-220, FW-224)", async () => {
    using files = testProject({
      "misc/Makefile.local": [
        "dist:",
        '\t@echo "$(env) $(REALM) $(CONFIG)" > $(DIST)/made',
        "install pre-install uninstall:",
        "\t@tool $@",
        "",
      ].join("\n"),
      "misc/hooks/install": "#!/bin/sh\necho hook in $(basename $(pwd)) for $env\n",
      "misc/hooks/uninstall": "not executable",
      "bin/tool": "#!/bin/sh\necho tool of the project: $1\n",
    });
    chmodSync(join(files.dir, "misc/hooks/install"), 0o755);
    chmodSync(join(files.dir, "bin/tool"), 0o755);
    const project = await files.open(machine);

    await runHooks(project, "uat", "dist");

    expect(files.read("dist/uat/misc/made")).toBe("uat test ../config/uat.yaml\n");
    expect(await runHooks(project, "uat", "install")).toEqual([
      { name: "misc/Makefile.local install", output: "tool of the project: install\n" },
      { name: "misc/hooks/install", output: "hook in misc for uat\n" },
    ]);
    expect((await runHooks(project, "uat", "uninstall")).map(({ name }) => name)).toEqual([
      "misc/Makefile.local uninstall",
    ]);
    expect(await runHooks(project, "uat", "clean")).toEqual([]);
  });

  test("that fail stop what they are part of, with what they said; without any nothing is done (FW-222)", async () => {
    using files = testProject({ "misc/Makefile.local": "dist:\n\t@echo no database; exit 3\n" });

    await expect(runHooks(await files.open(machine), "dev", "dist")).rejects.toMatchObject({
      code: "HOOK_FAILED",
      message: expect.stringMatching(
        /Makefile\.local dist has failed with status 2:\n {2}.*Error 3/s,
      ),
    });
    await expect(
      runHooks(await files.open({ PATH: "/nowhere" }), "dev", "dist"),
    ).rejects.toMatchObject({
      message: "misc/Makefile.local dist cannot run: make is not there",
    });
    files.remove("misc");
    expect(await runHooks(await files.open(machine), "dev", "dist")).toEqual([]);
  });
});
