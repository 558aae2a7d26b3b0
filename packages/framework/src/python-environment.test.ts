import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testProject } from "../test/test-project.ts";
import { writeWheel } from "../test/wheel.ts";
import { initProject } from "./init.ts";
import { lintProject } from "./lint/index.ts";
import { installPythonRequirements } from "./python-environment.ts";
import { pythonRequirementsFile } from "./scaffold/python-files.ts";

const machine = { PATH: process.env["PATH"] ?? "", PIP_CONFIG_FILE: "/dev/null" };

test("requirements of a new project are comments where they are not asked for, and then no venv is made (FW-032, FW-044)", async () => {
  const lines = (answers: Record<string, string>): string[] =>
    pythonRequirementsFile(answers)
      .split("\n")
      .filter((line) => /^(?:# )?(?:jupyter|nbconvert|jinlava)/.test(line));
  expect(lines({ jupyter_support: "no", include_lava_libs: "no" })).toEqual([
    "# jupyter",
    "# nbconvert<6",
    "# jinlava>=8.0.0",
  ]);
  expect(lines({ jupyter_support: "yes", include_lava_libs: "yes" })).toEqual([
    "jupyter",
    "nbconvert<6",
    "jinlava>=8.0.0",
  ]);
  using files = testProject({ "etc/requirements.txt": pythonRequirementsFile({}) });
  // Neither another environment nor a missing Python matters to it.
  const project = await files.open({ PATH: "/nowhere", VIRTUAL_ENV: "/x" });
  expect(await initProject(project, { git: false })).toEqual([]);
  expect(existsSync(join(files.dir, "venv"))).toBe(false);
});

test("init installs etc/requirements.txt, then requirements.txt, as often as one likes; a check tells when that is due (FW-038, FW-039, FW-043)", async () => {
  using files = testProject({
    "etc/requirements.txt": "one\n",
    "requirements.txt": "# of my own\nthree\n",
    "lava-payloads/x.py": "#!/usr/bin/env python3\nprint(1)\n",
    ".config.json": JSON.stringify({ lava: { lint: { python: false } } }),
  });
  const wheels = join(files.dir, "wheels");
  mkdirSync(wheels);
  for (const name of ["one", "three"]) await writeWheel(wheels, name);
  const project = await files.open({ ...machine, PIP_NO_INDEX: "1", PIP_FIND_LINKS: wheels });
  const notes = async (): Promise<string[]> =>
    (await lintProject(project)).notes.filter((note) => note.includes("lava init"));

  expect(await notes()).toEqual([
    "the Python packages of etc/requirements.txt and requirements.txt are not installed: run `lava init`",
  ]);
  const done = ["Python packages of etc/requirements.txt and requirements.txt are in venv"];
  expect(await initProject(project, { git: false })).toEqual(done);
  expect(await initProject(project, { git: false })).toEqual(done);
  expect(
    execFileSync(join(files.dir, "venv/bin/python"), [
      "-c",
      "import one, three; print(one.NAME, three.NAME)",
    ]).toString(),
  ).toBe("one three\n");
  expect(await notes()).toEqual([]);

  files.write("requirements.txt", "three\nnone-of-this-name\n");
  expect(await notes()).toEqual([
    "etc/requirements.txt and requirements.txt changed since `lava init`: run it again",
  ]);
  await expect(initProject(project, { git: false })).rejects.toMatchObject({
    code: "TOOL_FAILED",
    message: expect.stringMatching(/^requirements\.txt cannot be installed: .*none-of-this-name/),
  });
}, 60_000);

test("the index of packages, which may hold a password, goes to pip by its environment (FW-039)", async () => {
  using files = testProject({ "requirements.txt": "one\n" });
  // An environment whose python tells how it was called.
  files.write("venv/bin/python", '#!/bin/sh\necho "error: $* with $PIP_INDEX_URL" >&2\nexit 1\n');
  execFileSync("chmod", ["+x", join(files.dir, "venv/bin/python")]);
  const run = installPythonRequirements(
    await files.open(machine),
    "https://me:secret@index.example/simple",
  );
  await expect(run).rejects.toThrow(
    /-r requirements\.txt with https:\/\/me:secret@index\.example\/simple$/,
  );
});
