import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CliResult, runCli } from "./cli.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lava-new-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const given = ["--no-input", "-p", "realm=t", "-p", "owner=me", "-p", "description=d"];
const env = {
  PATH: process.env["PATH"],
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "t",
  GIT_AUTHOR_EMAIL: "t@t",
  GIT_COMMITTER_NAME: "t",
  GIT_COMMITTER_EMAIL: "t@t",
};

/** Answers as somebody at a terminal would enter them. */
async function answering(lines: readonly string[], ...args: string[]): Promise<CliResult> {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  stdin.end(lines.map((line) => `${line}\n`).join(""));
  return await runCli(["new", ...args], { cwd: folder, stdin });
}

test("prompts have defaults of earlier answers and ask again for what will not do (FW-025, FW-036)", async () => {
  const lines = [
    "bad realm",
    "dev",
    "",
    "What it is for",
    "me",
    "",
    "",
    "",
    "maybe",
    "no",
    "no",
    "no",
    "warning",
    "test",
  ];
  const { status, stdout, stderr } = await answering(
    [...lines, "app/x", "", "", "wrong", "", "", ""],
    "p",
    "-p",
    "owner=nobody",
  );

  expect(stderr).toContain("realm: letters, digits");
  expect(stderr).toContain("description: it must be given");
  expect(stderr).toContain("include_lava_libs: one of no, yes");
  expect(stderr).toContain("rule_prefix: it starts with lava.dev.");
  expect(stderr).toContain("[nobody]");
  expect([status, stdout]).toEqual([0, `Created ${join(folder, "p")}\n`]);
  const { cookiecutter } = JSON.parse(readFileSync(join(folder, "p/.config.json"), "utf8"));
  expect(cookiecutter).toMatchObject({
    realm: "dev",
    owner: "me",
    project_name: "p",
    git_setup: "no",
    config_checks: "warning",
    environment: "test",
    job_prefix: "app/x",
    payload_prefix: "app/p",
    rule_prefix: "lava.dev.p",
  });
});

test("an input that ends early writes nothing (CLI-124)", async () => {
  const { status } = await answering(["dev"], "p");
  expect(status).toBe(2);
  expect(statSync(join(folder, "p"), { throwIfNoEntry: false })).toBeUndefined();
});

test("--answers and -p need no terminal, --dry-run writes nothing, an unknown key is refused (FW-026, FW-037, CLI-123, CLI-125)", async () => {
  writeFileSync(join(folder, "a.yaml"), "realm: t\nowner: me\ndescription: d\n");
  const dry = await runCli(["new", "p", "--no-input", "--answers", "a.yaml", "--dry-run"], {
    cwd: folder,
  });
  expect(dry.stdout).toContain("lava-jobs/hello.yaml\n");
  expect(statSync(join(folder, "p"), { throwIfNoEntry: false })).toBeUndefined();
  const wrong = await runCli(["new", "p", ...given, "-p", "relam=x"], { cwd: folder });
  expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining("relam")]);
});

test("a new project checks strictly, has schemas for editors, and git checks it before each commit (FW-029, FW-038 to FW-042, FW-263)", async () => {
  const { status, stdout } = await runCli(["new", "p", ...given], { cwd: folder });
  expect([status, stdout]).toEqual([0, `Created ${join(folder, "p")}\n`]);
  const cwd = join(folder, "p");
  expect(readFileSync(join(cwd, "lava-jobs/hello.yaml"), "utf8")).toMatch(
    /^# yaml-language-server: \$schema=/,
  );
  expect((await runCli(["check", "--strict"], { cwd, env })).status).toBe(0);

  const first = await runCli(["init"], { cwd, env });
  expect(first.stdout).toContain("git repository with a first commit");
  expect((await runCli(["init"], { cwd, env })).stdout).toBe(
    "git runs etc/git-hooks/pre-commit before each commit\n",
  );
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd, env: { ...env, PATH } })
      .toString()
      .trim();
  const bin = join(folder, "bin");
  execFileSync("mkdir", [bin]);
  const main = join(import.meta.dirname, "../src/main.ts");
  writeFileSync(
    join(bin, "lava"),
    `#!/bin/sh\nexec ${process.execPath} --conditions=@lava/source --disable-warning=ExperimentalWarning ${main} "$@"\n`,
    { mode: 0o755 },
  );
  const PATH = `${bin}:${process.env["PATH"] ?? ""}`;
  expect(git("config", "core.hooksPath")).toBe("etc/git-hooks");
  expect(git("log", "--format=%s")).toBe("Initial commit");

  writeFileSync(join(cwd, "lava-jobs/bad.yaml"), "job_id: x\n");
  git("add", "-A");
  expect(() => git("commit", "-qm", "bad")).toThrow(/worker|required/);
  rmSync(join(cwd, "lava-jobs/bad.yaml"));
  git("add", "-A");
  git("commit", "-q", "--allow-empty", "-m", "good");
  expect(JSON.parse((await runCli(["hook", "install", "--json"], { cwd, env })).stdout)).toEqual({
    hook: "etc/git-hooks/pre-commit",
    isNew: false,
  });
  expect(JSON.parse((await runCli(["init", "--json"], { cwd, env })).stdout).done).toHaveLength(1);
  await runCli(["hook", "remove"], { cwd, env });
  expect(() => git("config", "core.hooksPath")).toThrow("core.hooksPath");
});

test("git_setup=no leaves git alone; the hook can be installed later (FW-034)", async () => {
  await runCli(["new", "p", ...given, "-p", "git_setup=no"], { cwd: folder });
  const cwd = join(folder, "p");
  expect((await runCli(["init"], { cwd, env })).stdout).toBe("");
  expect((await runCli(["hook", "install"], { cwd, env })).stderr).toContain("[NO_GIT]");
  execFileSync("git", ["init", "-q"], { cwd });
  expect((await runCli(["hook", "install"], { cwd, env })).stdout).toContain("which is new");
  expect(statSync(join(cwd, "etc/git-hooks/pre-commit")).mode & 0o111).not.toBe(0);
});

test("Python requirements want no other environment to be active (FW-040)", async () => {
  await runCli(["new", "p", ...given], { cwd: folder });
  writeFileSync(join(folder, "p/requirements.txt"), "some-package\n");
  const { status, stderr } = await runCli(["init"], {
    cwd: join(folder, "p"),
    env: { ...env, VIRTUAL_ENV: "/x" },
  });
  expect([status, stderr]).toEqual([1, expect.stringContaining("[VENV_ACTIVE]")]);
});

test("what an update leaves to do is told at its end (FW-297)", async () => {
  await runCli(["new", "p", ...given], { cwd: folder });
  const cwd = join(folder, "p");
  const update = async (more: Record<string, string>): Promise<string | undefined> => {
    writeFileSync(join(cwd, "etc/version"), "8.2.0 (Kilauea)\n");
    const { stdout } = await runCli(["update"], { cwd, env: { ...env, ...more } });
    return stdout.trim().split("; ").at(-1);
  };
  expect(await update({})).toBe("run `lava init` again");
  expect(await update({ VIRTUAL_ENV: "/x" })).toBe(
    "leave the virtual environment (`deactivate`) and run `lava init` again",
  );
});

test("update reports and merges; --check fails where something would change; it needs a project, and no package file (FW-287, FW-288, FW-298, CLI-234)", async () => {
  expect(await runCli(["update"], { cwd: folder, env })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("[NOT_A_PROJECT]"),
  });
  await runCli(["new", "p", ...given], { cwd: folder });
  const cwd = join(folder, "p");
  expect((await runCli(["update", "--check"], { cwd, env })).stdout).toMatch(/^up to date with /);
  writeFileSync(join(cwd, "etc/version"), "8.2.0 (Kilauea)\n");
  const check = await runCli(["update", "--check"], { cwd, env });
  expect([check.status, check.stdout]).toEqual([
    1,
    expect.stringContaining("replaced etc/version"),
  ]);
  const done = await runCli(["update"], { cwd, env });
  expect(done.stdout).toMatch(/replaced etc\/version\nbackup .*\.zip\n8\.2\.0 -> \d/);
});
