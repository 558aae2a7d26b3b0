import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { emulatedRealm, projectDir } from "@lava/testing";
import { describe, expect, onTestFinished, test } from "vitest";
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

  describe("--watch", () => {
    /** A watching build; `next` is its next line without time and duration. */
    async function watching(files: Awaited<ReturnType<typeof project>>): Promise<{
      next(): Promise<string>;
      end(): Promise<number>;
    }> {
      const main = join(import.meta.dirname, "../src/main.ts");
      const flags = ["--conditions=@lava/source", "--disable-warning=ExperimentalWarning"];
      const child = spawn(process.execPath, [...flags, main, "build", "-e", "dev", "--watch"], {
        cwd: files.path,
        env: machine,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const exited = once(child, "exit");
      onTestFinished(() => {
        child.kill("SIGKILL");
      });
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      return {
        async next() {
          return String((await lines.next()).value)
            .replace(/^\S+ /, "")
            .replace(/ \(\d+ ms\)$/, "");
        },
        async end() {
          child.kill("SIGINT");
          return (await exited)[0];
        },
      };
    }

    test("builds again after each change, one line each, until it is interrupted", async () => {
      await using files = await project();
      const { next, end } = await watching(files);
      expect(await next()).toBe("dist/dev: 2 built, 0 unchanged");
      await files.write({ "lava-jobs/a.yaml": `${job("a")}x-note: changed\n` });
      expect(await next()).toBe("dist/dev: 1 built, 1 unchanged");
      await files.write({ "lava-jobs/a.yaml": "job_id: [" });
      expect(await next()).toMatch(/^failed: .* cannot be built for dev: \d fault/);
      await files.write({ "lava-jobs/a.yaml": job("a"), "lava-rules/README.md": "new folder" });
      expect(await next()).toMatch(/^dist\/dev: (?:1 built, 1|0 built, 2) unchanged$/);
      expect(await end()).toBe(0);
    });

    test("sees files that are replaced, folders that come and go, and templates that are elsewhere", async () => {
      await using files = await project();
      await files.write({
        "lib/common/note.j2": "one",
        "lava-jobs/b.yaml": `${job("b")}x-note: <% include 'lib/common/note.j2' %>\n`,
      });
      const { next, end } = await watching(files);
      expect(await next()).toMatch(/^dist\/dev: [23] built, 0 unchanged$/);
      // As editors save: a new file takes the place of the old one, again and again.
      for (const note of ["first", "second"]) {
        await files.write({ "lava-jobs/.a.swp": `${job("a")}x-note: ${note}\n` });
        await rename(files.file("lava-jobs/.a.swp"), files.file("lava-jobs/a.yaml"));
        expect(await next()).toMatch(/^dist\/dev: 1 built, [12] unchanged$/);
      }
      await files.write({ "lib/common/note.j2": "two" });
      expect(await next()).toMatch(/^dist\/dev: 1 built, [12] unchanged$/);
      await files.write({ "lava-jobs/deep/er/c.yaml": job("c") });
      expect(await next()).toMatch(/^dist\/dev: 1 built, [23] unchanged$/);
      await files.write({ "lava-jobs/deep/er/c.yaml": `${job("c")}x-note: again\n` });
      expect(await next()).toMatch(/^dist\/dev: 1 built, [23] unchanged$/);
      await rm(files.file("lava-jobs/deep"), { recursive: true });
      expect(await next()).toMatch(/^dist\/dev: 0 built, [23] unchanged, 1 removed$/);
      await files.write({ "lava-jobs/deep/d.yaml": job("d") });
      expect(await next()).toMatch(/^dist\/dev: 1 built, [23] unchanged$/);
      // A burst is one build, and what no build reads is none.
      await files.write({ "README.md": "new", "lib/unused.txt": "new" });
      const many = Array.from({ length: 20 }, (_, n) => [`lava-jobs/m${n}.yaml`, job(`m${n}`)]);
      await files.write(Object.fromEntries(many));
      expect(await next()).toMatch(/^dist\/dev: 20 built, [34] unchanged$/);
      expect(await end()).toBe(0);
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
