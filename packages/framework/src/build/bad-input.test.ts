import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LavaError } from "@lava/core";
import { describe, expect, test } from "vitest";
import { testProject } from "../../test/test-project.ts";

const JOB = `job_id: app/test/a
description: d
owner: o
enabled: true
worker: core
type: cmd
payload: echo
`;

async function issuesOf(promise: Promise<unknown>): Promise<LavaError["issues"]> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LavaError)) throw error;
  return error.issues;
}

describe("bad input", () => {
  test("one id in two files is told in both words (FW-129)", async () => {
    using files = testProject({ "lava-jobs/a.yaml": JOB, "lava-jobs/b.yaml": JOB });

    const issues = await issuesOf(files.build("dev"));

    expect(issues).toMatchObject([
      {
        code: "duplicate_id",
        file: "lava-jobs/b.yaml",
        message: expect.stringContaining("lava-jobs/a.yaml"),
      },
    ]);
  });

  test("a fault of an included file is told there, with its line", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": `${JOB}# <% include '_common/tail.yaml' %>\n`,
      "lava-jobs/_common/tail.yaml": "x-note: 1\nx-other: <{ 1 / 0 }>\n",
    });

    const issues = await issuesOf(files.build("dev"));

    expect(issues).toMatchObject([
      { file: "lava-jobs/_common/tail.yaml", line: 2, message: expect.stringMatching(/zero/) },
    ]);
  });

  test("files that include each other in a circle are refused", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": `${JOB}# <% include '_x/one.yaml' %>\n`,
      "lava-jobs/_x/one.yaml": "# <% include '_x/two.yaml' %>\n",
      "lava-jobs/_x/two.yaml": "# <% include '_x/one.yaml' %>\n",
    });

    const issues = await issuesOf(files.build("dev"));

    expect(issues).toMatchObject([
      {
        code: "template_limit",
        message: expect.stringMatching(
          /recursion.*: lava-jobs\/_x\/(\w+)\.yaml includes .* includes lava-jobs\/_x\/\1\.yaml$/,
        ),
      },
    ]);
  });

  test("a spec that renders to a list, or to a word, is no spec", async () => {
    using files = testProject({
      "lava-jobs/list.yaml": "- a\n- b\n",
      "lava-jobs/word.json": '"word"',
    });

    const issues = await issuesOf(files.build("dev"));

    expect(issues.map(({ file, message }) => [file, message])).toEqual([
      ["lava-jobs/list.yaml", "a spec is a map of fields; this is a list"],
      ["lava-jobs/word.json", "a spec is a map of fields; this is a single value"],
    ]);
  });

  test("JSON that is none is told with its line", async () => {
    using files = testProject({ "lava-jobs/a.json": '{\n  "job_id": "a",\n}\n' });

    expect(await issuesOf(files.build("dev"))).toMatchObject([
      { code: "bad_json", file: "lava-jobs/a.json", line: 3 },
    ]);
  });

  test("a symlink to what the package manager installed is one of the project, wherever its store is", async () => {
    const store = mkdtempSync(join(tmpdir(), "lava-store-"));
    try {
      mkdirSync(join(store, "data"));
      writeFileSync(join(store, "data", "data.csv"), "a,b\n");
      writeFileSync(join(store, "secret"), "s");
      symlinkSync("../secret", join(store, "data", "out"));
      using files = testProject({ "lava-payloads/p.raw/mine": "1", "node_modules/own/x": "1" });
      files.link(join(store, "data"), "node_modules/data");
      files.link(join(store, "data"), "node_modules/@scope/data");
      files.link("../../node_modules/data/data.csv", "lava-payloads/p.raw/a.csv");
      files.link("../../node_modules/@scope/data/data.csv", "lava-payloads/p.raw/b.csv");
      await files.build("dev");
      files.link("../../node_modules/data/out", "lava-payloads/p.raw/c.csv");
      files.link("../../node_modules/data/../../../../etc/hostname", "lava-payloads/p.raw/d.csv");

      expect(files.read("dist/dev/lava-payloads/p.raw/a.csv")).toBe("a,b\n");
      expect(files.read("dist/dev/lava-payloads/p.raw/b.csv")).toBe("a,b\n");
      expect((await issuesOf(files.build("dev"))).map(({ file }) => file)).toEqual([
        "lava-payloads/p.raw/c.csv",
        "lava-payloads/p.raw/d.csv",
      ]);
    } finally {
      rmSync(store, { recursive: true });
    }
  });

  test("a symlink out of the project is refused: of a spec, of a payload's file, of what is included", async () => {
    const outside = mkdtempSync(join(tmpdir(), "lava-outside-"));
    try {
      writeFileSync(join(outside, "secret.yaml"), JOB);
      using files = testProject({
        "lava-jobs/c.yaml": `${JOB}# <% include '_common/secret.yaml' %>\n`,
        "lava-payloads/p.raw/mine": "1",
      });
      files.link(join(outside, "secret.yaml"), "lava-jobs/a.yaml");
      files.link(outside, "lava-payloads/p.raw/theirs");
      files.link(outside, "lava-jobs/_common");

      const issues = await issuesOf(files.build("dev"));

      expect(issues.map(({ file, message }) => [file, message])).toEqual([
        ["lava-jobs/a.yaml", "the symlink leads out of the project"],
        ["lava-jobs/c.yaml", expect.stringContaining("leads out of the project")],
        ["lava-payloads/p.raw/theirs", "the symlink leads out of the project"],
      ]);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  test("names with blanks, quotes and letters of any language are names (FW-023)", async () => {
    const names = ["täglich laden", "日次 'load'", "a $(x) & b"];
    using files = testProject({
      ...Object.fromEntries(
        names.map((name, at) => [
          `lava-jobs/ein ordner/${name}.yaml`,
          JOB.replace("/a\n", `/${at}\n`),
        ]),
      ),
      ...Object.fromEntries(names.map((name) => [`lava-payloads/${name}.pkg/${name}.txt`, "x"])),
    });

    const built = await files.build("dev");

    expect(built.items.map(({ output }) => output).sort()).toEqual(
      names.map((name) => `lava-jobs/ein ordner/${name}.json`).sort(),
    );
    expect(built.payloads.map(({ name }) => name).sort()).toEqual(
      names.map((name) => `${name}.zip`).sort(),
    );
    expect((await files.build("dev")).built).toEqual([]);
  });

  test("a stray file lava-... beside the folders is nobody's (FW-024), specs in YAML of another suffix are told (FW-008)", async () => {
    using files = testProject({ "lava-job-framework-9.zip": "x", "lava-jobs/a.YAML": JOB });

    const { items, warnings } = await files.build("dev");

    expect(items).toEqual([]);
    expect(warnings).toMatchObject([{ code: "ignored_file", suggestion: "a.yaml" }]);
  });
});
