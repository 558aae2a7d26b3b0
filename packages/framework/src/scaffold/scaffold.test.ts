import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { completeAnswers, loadAnswers, scaffoldProject } from "./scaffold.ts";

const given = { realm: "demo", description: "A test", owner: "me" };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-new-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("answers", () => {
  test("defaults refer to earlier answers (FW-025, FW-035)", () => {
    const answers = completeAnswers("some/my.project", given);

    expect(answers).toMatchObject({
      project_name: "my.project",
      project_dir: "some/my.project",
      environment: "dev",
      job_prefix: "app/my.project",
      rule_prefix: "lava.demo.my.project",
      docker_prefix: "lava/demo/my.project",
      docker_platform: "linux/amd64",
      git_setup: "yes",
    });
  });

  test("all faults are told at once, unknown keys with a suggestion (FW-027, FW-036, CLI-125)", () => {
    const wrong = {
      realm: "demo",
      owner: "me",
      enviroment: "x",
      git_setup: "maybe",
      rule_prefix: "a/b",
    };

    expect(() => completeAnswers("p", wrong)).toThrow(
      expect.objectContaining({
        code: "INVALID_ANSWERS",
        issues: [
          expect.objectContaining({ path: ["enviroment"], suggestion: "environment" }),
          expect.objectContaining({ path: ["description"], message: "must be specified" }),
          expect.objectContaining({ path: ["git_setup"] }),
          expect.objectContaining({ path: ["rule_prefix"] }),
        ],
      }),
    );
  });

  test("a default that is made of a missing answer is not told beside it", () => {
    expect(() => completeAnswers("p", {})).toThrow(
      expect.objectContaining({
        issues: ["realm", "description", "owner"].map((key) =>
          expect.objectContaining({ path: [key], message: "must be specified" }),
        ),
      }),
    );
  });

  test("are read from YAML, and from the file that a project keeps", async () => {
    const yaml = join(folder, "a.yaml");
    const kept = join(folder, ".config.json");
    await writeFile(yaml, "realm: demo\nowner: me\n");
    await writeFile(kept, JSON.stringify({ cookiecutter: { realm: "x", _version: "1" } }));

    expect(await loadAnswers(yaml)).toEqual({ realm: "demo", owner: "me" });
    expect(await loadAnswers(kept)).toEqual({ realm: "x" });
    await expect(loadAnswers(join(folder, "none"))).rejects.toMatchObject({
      code: "INVALID_ANSWERS",
    });
  });
});

describe("scaffoldProject", () => {
  test("writes a project with editor schemas, a first job and a hook", async () => {
    const dir = join(folder, "p");

    const { files } = await scaffoldProject(given, dir);

    const job = await readFile(join(dir, "lava-jobs/hello.yaml"), "utf8");
    expect(job).toContain("# yaml-language-server: $schema=../etc/schema/job.schema.json");
    expect(JSON.parse(await readFile(join(dir, "etc/schema/job.schema.json"), "utf8"))).toBeTypeOf(
      "object",
    );
    expect((await stat(join(dir, "lava-payloads/hello.sh"))).mode & 0o100).toBe(0o100);
    expect(await readFile(join(dir, "etc/git-hooks/pre-commit"), "utf8")).toContain(
      'exec "$lava" check --strict',
    );
    expect(JSON.parse(await readFile(join(dir, ".config.json"), "utf8"))).toMatchObject({
      cookiecutter: { realm: "demo", project_name: "p" },
    });
    expect(files.every(({ path }) => existsSync(join(dir, path)))).toBe(true);
    expect(await readdir(folder)).toEqual(["p"]);
  });

  test("writes nothing for a dry run, for bad answers, or over what is there (FW-028, FW-037)", async () => {
    const dir = join(folder, "p");

    const { files } = await scaffoldProject(given, dir, { dryRun: true });
    await expect(scaffoldProject({ realm: "demo" }, dir)).rejects.toMatchObject({
      code: "INVALID_ANSWERS",
    });

    expect(files.length).toBeGreaterThan(10);
    expect(await readdir(folder)).toEqual([]);
    await expect(scaffoldProject(given, folder)).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  });
});
