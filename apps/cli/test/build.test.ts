import { existsSync, readFileSync } from "node:fs";
import { emulatedRealm, projectDir } from "@lava/testing";
import { describe, expect, test } from "vitest";
import { runCli } from "./cli.ts";

const config = (realm: string): string => `realm: ${realm}
prefix: { job: app/t, payload: app/t, s3trigger: app/t, rule: lava.${realm}.t, docker_repo: lava/t }
docker: { base_img: img }
`;
const job = (name: string): string =>
  `job_id: app/t/${name}\ndescription: d\nowner: o\nenabled: true\nworker: core\ntype: cmd\npayload: echo\n`;
const machine = { PATH: process.env["PATH"] ?? "" };

function project(realm = "test") {
  return projectDir({
    "config/dev.yaml": config(realm),
    "lava-jobs/a.yaml": job("a"),
    "lava-jobs/b.yaml": job("b"),
  });
}

describe("lava build", () => {
  test("builds a part with --only, and runs the project's own part of a build", async () => {
    await using files = await project();
    await files.write({ "misc/hooks/dist": "#!/bin/sh\necho made for $env\n" });
    const options = { cwd: files.path, env: machine };

    const part = await runCli(["build", "-e", "dev", "--only", "lava-jobs/a.yaml"], options);
    const none = await runCli(["build", "-e", "dev", "--only", "x", "--only", "y"], options);

    expect(part).toMatchObject({
      status: 0,
      stdout: "dist/dev: 1 built, 0 unchanged\n",
      stderr: "made for dev\n",
    });
    expect(none).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("Nothing of this project is x or y"),
    });
  });
});

test("lava clean removes what was built, and says so", async () => {
  await using files = await project();
  const options = { cwd: files.path, env: machine };
  await runCli(["build", "-e", "dev"], options);

  expect(await runCli(["clean", "-e", "dev"], options)).toMatchObject({
    status: 0,
    stdout: "removed dist/dev\n",
  });
  expect(existsSync(files.file("dist/dev"))).toBe(false);
  expect((await runCli(["clean"], options)).stdout).toBe("removed dist\n");
  expect((await runCli(["clean"], options)).stdout).toBe("nothing to remove\n");
});

test("lava deploy runs the project's own parts before and after, and a part that fails stops it (FW-219)", async () => {
  await using emulated = await emulatedRealm();
  await using files = await project(emulated.realm.name);
  await files.write({
    "misc/Makefile.local": "dist pre-install install uninstall:\n\t@echo $@ >> ../trace\n",
  });
  const options = { cwd: files.path, env: { ...machine, ...emulated.environment } };

  const deployed = await runCli(["deploy", "-e", "dev", "--only", "*/a"], options);

  expect(deployed.status).toBe(0);
  expect(readFileSync(files.file("trace"), "utf8")).toBe("dist\npre-install\ninstall\n");
  expect(await emulated.realm.jobs.getItem("app/t/b")).toBeUndefined();
  await files.write({ "misc/hooks/pre-install": "#!/bin/sh\necho not today; exit 1\n" });
  const refused = await runCli(["deploy", "-e", "dev"], options);
  expect(refused).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /misc\/hooks\/pre-install has failed with status 1:\n {2}not today \[HOOK_FAILED\]/,
    ),
  });
  expect(await emulated.realm.jobs.getItem("app/t/b")).toBeUndefined();
  await runCli(["uninstall", "-e", "dev", "--yes", "--only", "app/t/a"], options);
  expect(await emulated.realm.jobs.getItem("app/t/a")).toBeUndefined();
  expect(readFileSync(files.file("trace"), "utf8")).toMatch(/uninstall\n$/);
});

test("lava ci runs the project's own parts in its steps, and one that fails fails its step (FW-004, FW-219, FW-224)", async () => {
  await using emulated = await emulatedRealm();
  await using files = await project(emulated.realm.name);
  await files.write({
    "misc/Makefile.local": "dist pre-install install uninstall:\n\t@echo $@ >> ../trace\n",
  });
  const options = { cwd: files.path, env: { ...machine, ...emulated.environment } };

  const done = await runCli(["ci", "-e", "dev", "--deploy"], options);

  expect(done, done.stderr).toMatchObject({ status: 0 });
  expect(readFileSync(files.file("trace"), "utf8")).toBe("dist\npre-install\ninstall\n");
  await files.write({ "misc/hooks/dist": "#!/bin/sh\necho no way; exit 1\n" });
  const failed = await runCli(["ci", "-e", "dev", "--deploy", "--json"], options);
  expect(failed.status).toBe(1);
  expect(JSON.parse(failed.stdout).steps).toMatchObject([
    { name: "check", status: "passed" },
    { name: "build", status: "failed", summary: expect.stringContaining("no way") },
    { name: "plan", status: "skipped" },
    { name: "deploy", status: "skipped" },
  ]);
});

test("lava build -v has a line for each output (FW-230)", async () => {
  await using files = await project("t");
  const options = { cwd: files.path, env: machine };
  const { stdout } = await runCli(["build", "-e", "dev", "-v"], options);
  expect(stdout).toMatch(/^Build {2}dist\/dev\/lava-jobs\/a\.json$/m);
  expect((await runCli(["build", "-e", "dev", "-v"], options)).stdout).not.toContain("Build  ");
});

test("lava diff has statuses for drift, JSON, and the original's lines with --unified (FW-275 to FW-282, FW-286)", async () => {
  await using emulated = await emulatedRealm();
  await using files = await project(emulated.realm.name);
  const options = { cwd: files.path, env: { ...machine, ...emulated.environment } };
  const missing = await runCli(["diff", "-e", "dev", "-u"], options);
  expect([missing.status, missing.stderr]).toEqual([
    1,
    expect.stringContaining("job app/t/a: not in the realm\n"),
  ]);
  await runCli(["deploy", "-e", "dev"], options);
  expect(await runCli(["diff", "-e", "dev"], options)).toMatchObject({ status: 0 });
  const item = (await emulated.realm.jobs.getItem("app/t/a")) ?? {};
  await emulated.realm.jobs.put({ ...item, owner: "somebody", "x-lava-host": "other" });

  const shown = await runCli(["diff", "-e", "dev", "-u"], options);

  expect(shown.status).toBe(1);
  expect(shown.stdout).toMatch(
    /^job app\/t\/a\n@@ .* @@\n(?: .*\n)+-    "owner": .*\n\+    "owner": "somebody",\n/m,
  );
  expect(shown.stdout).not.toMatch(/^[-+].*x-lava/m);
  expect(await runCli(["diff", "-e", "dev", "--exit-zero"], options)).toMatchObject({ status: 0 });
  const json = await runCli(["diff", "-e", "dev", "--json"], options);
  expect(JSON.parse(json.stdout)).toMatchObject({ same: false, items: [{ id: "app/t/a" }] });
  expect(await runCli(["diff", "-e", "nope"], options)).toMatchObject({ status: 2 });
});
