import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { testProject } from "../../test/test-project.ts";
import { trackingFields } from "./tracking.ts";

const identity = {
  GIT_AUTHOR_NAME: "t",
  GIT_AUTHOR_EMAIL: "t@example.org",
  GIT_COMMITTER_NAME: "t",
  GIT_COMMITTER_EMAIL: "t@example.org",
  GIT_CONFIG_GLOBAL: "/dev/null",
  PATH: process.env["PATH"] ?? "",
};

test("the state of git is told as the original tells it, without credentials (FW-111, FW-120)", async () => {
  using files = testProject({ "lava-payloads/a.sh": "#!/bin/sh\n", ".gitignore": "dist/\n" });
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: files.dir, env: identity, encoding: "utf8", stdio: "pipe" });
  git("init", "-q", "-b", "main");
  git("remote", "add", "origin", "https://user:secret@example.org/x/y.git");
  git("add", ".");
  git("commit", "-qm", "first");
  const commit = git("rev-parse", "--short", "HEAD").trim();

  const clean = await trackingFields(await files.open(identity));
  files.write("lava-payloads/a.sh", "#!/bin/sh\n#\n");
  files.write("lava-payloads/new/b.txt", "");
  files.write("lava-payloads/new/c.txt", "");
  git("add", "lava-payloads/new/c.txt");
  const dirty = await trackingFields(await files.open(identity));

  expect(clean).toMatchObject({
    "x-lava-git-branch": "main",
    "x-lava-git-repo": "https://example.org/x/y.git",
    "x-lava-git-status": `${commit} (clean)`,
  });
  expect(dirty["x-lava-git-status"]).toBe(`${commit} (1 staged 1 unstaged 1 untracked)`);
});

test("items are stamped again when the state of git has changed, and say so (FW-228)", async () => {
  using files = testProject({
    ".gitignore": "dist/\n",
    "lava-jobs/a.yaml":
      "job_id: a\ndescription: d\nowner: o\nenabled: true\nworker: core\ntype: cmd\npayload: echo\n",
  });
  const before = await files.build("dev", {}, identity);
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: files.dir, env: identity, encoding: "utf8", stdio: "pipe" });
  git("init", "-q", "-b", "main");

  const after = await files.build("dev", {}, identity);
  const again = await files.build("dev", {}, identity);

  expect(after.built).toEqual(["lava-jobs/a.json"]);
  expect(after.items[0]?.data?.["x-lava-chk"]).toBe(before.items[0]?.data?.["x-lava-chk"]);
  expect(after.items[0]?.data?.["x-lava-git-branch"]).toMatch(/main/);
  expect(again.built).toEqual([]);
});
