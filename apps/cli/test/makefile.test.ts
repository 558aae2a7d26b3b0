import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { emulatedRealm, projectDir } from "@lava/testing";
import { expect, test } from "vitest";
import { runCli } from "./cli.ts";

const run = promisify(execFile);
const main = join(import.meta.dirname, "../src/main.ts");
const lava = `${process.execPath} --conditions=@lava/source --disable-warning=ExperimentalWarning ${main}`;

test("the Makefile of a project keeps the original's targets: dist, install, uninstall, clean, check, plan (FW-005, FW-237, FW-263)", async () => {
  await using emulated = await emulatedRealm();
  const { realm } = emulated;
  await using folder = await projectDir();
  await runCli(
    [
      "new",
      "etl",
      "--no-input",
      "-p",
      `realm=${realm.name}`,
      "-p",
      "description=d",
      "-p",
      "owner=o",
    ],
    { cwd: folder.path },
  );
  await folder.write({
    "etl/misc/Makefile.local":
      "include ../etc/Makefile\ndist pre-install install uninstall:\n\t@echo '$@ $(call get_config,prefix.job) $(call get_realm_info,lava.realm.realm)' >> ../trace\n",
  });
  const make = async (...args: string[]): Promise<string> => {
    const { stdout } = await run("make", [...args, `LAVA=${lava}`], {
      cwd: folder.file("etl"),
      env: { PATH: process.env["PATH"], JINJA: `${lava} jinja`, ...emulated.environment },
    });
    return stdout;
  };

  await make("install", "env=dev");

  expect(await realm.jobs.getItem("app/etl/hello")).toBeDefined();
  expect(readFileSync(folder.file("etl/trace"), "utf8")).toBe(
    ["dist", "pre-install", "install"].map((name) => `${name} app/etl ${realm.name}\n`).join(""),
  );
  expect(await make("dist", "env=dev", "only=lava-jobs/*")).toContain(
    "dist/dev: 0 built, 1 unchanged",
  );
  expect(await make("plan", "env=dev")).toContain("0 to create, 0 to update");
  expect(await make("_install", "env=dev")).toContain("nothing to do");
  await make("uninstall", "env=dev");
  expect(await realm.jobs.getItem("app/etl/hello")).toBeUndefined();
  await make("clean", "env=dev");
  expect(existsSync(folder.file("etl/dist/dev"))).toBe(false);
  await expect(make("dist")).rejects.toThrow("env must be defined. Try make dist env=...");
  await expect(make("dist", "env=nope")).rejects.toThrow("config/nope.yaml: No such file");
}, 60_000);

test("lava migrate reports, and with --write puts right", async () => {
  await using files = await projectDir({
    "config/dev.yaml":
      "realm: r\nprefix: { job: a, payload: a, s3trigger: a, rule: a, docker_repo: a }\ndocker:\n  base_img: b\n",
    "lava-jobs/README.md": "none yet",
    Makefile: "dist:\n\t$(submakes)\n",
  });
  const options = { cwd: files.path };

  const report = await runCli(["migrate"], options);
  const written = await runCli(["migrate", "--write"], options);

  expect(report).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(
      /^fixable: Makefile: .*\n[\s\S]*0 fixed, 3 fixable with --write, 0 for you to decide\n$/,
    ),
  });
  expect(written).toMatchObject({ status: 0, stdout: expect.stringContaining("3 fixed") });
  expect((await runCli(["migrate"], options)).stdout).toBe("nothing to do\n");
});
