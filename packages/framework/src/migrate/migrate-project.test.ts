import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testProject } from "../../test/test-project.ts";
import { openProject } from "../project.ts";
import { migrateProject } from "./migrate-project.ts";
import { ownTargets } from "./original-files.ts";

const JOB =
  "job_id: app/test/a\ndescription: d\nowner: o\nenabled: true\nworker: core\ntype: cmd\npayload: echo\n";

/** A project with what the original leaves, in other words than its own. */
function original() {
  const files = testProject({
    Makefile:
      "include etc/os.mk\ndist:\n\t$(submakes)\ninstall: pre-install _install\nrelease: dist\n\techo mine\n",
    "etc/Makefile": "$(DIST)/%.json: %.yaml\n\tjinja $< > $@\n",
    "etc/version": "4.2.0 (Etna)\n",
    "etc/git-hooks/pre-commit": "#!/bin/bash\nbin/yaml_key_diff config/*.yaml\n",
    "lava-jobs/Makefile":
      "include ../etc/Makefile\ndist: $(DIST_FILES)\nclean:\n\trm -f $(DIST_FILES)\n",
    "lava-payloads/Makefile": "dist:\n\ttrue\nreport.zip: report.csv\n\tzip $@ $<\n",
    "lava-jobs/a.yaml": `${JOB}x-flag: y\nx-at: 12:30\nx-mode: 0644 # octal\n# <% include '_x/tail.yaml' %>\n`,
    "lava-jobs/sub/b.yml": JOB,
    "lava-jobs/_x/tail.yaml": "x-tail: 1\n",
    ".gitlab-ci.yml": "deploy:\n  script: make install env=uat xattr=no\n",
  });
  files.write("config/uat.yaml", files.read("config/uat.yaml").replace(/ {2}platform:.*\n/, ""));
  files.remove(".config.json");
  return files;
}

describe("a migration", () => {
  test("tells what needs attention, and changes nothing", async () => {
    using files = original();
    const before = files.read("Makefile");

    const items = await migrateProject(await files.open());

    expect(items.map(({ state, code, file, line }) => [state, code, file, line])).toEqual([
      ["fixable", "makefile", "Makefile", undefined],
      ["attention", "own_rules", "Makefile", undefined],
      ["fixable", "makefile", "etc/Makefile", undefined],
      ["fixable", "makefile", "lava-jobs/Makefile", undefined],
      ["attention", "own_rules", "lava-payloads/Makefile", undefined],
      ["fixable", "git_hook", "etc/git-hooks/pre-commit", undefined],
      ["fixable", "no_answers", ".config.json", undefined],
      ["fixable", "docker_platform", "config/uat.yaml", undefined],
      ["attention", "ignored_file", "lava-jobs/sub/b.yml", undefined],
      ["note", "commented_include", "lava-jobs/a.yaml", 11],
      ["fixable", "yaml_word", "lava-jobs/a.yaml", undefined],
      ["note", "yaml_word", "lava-jobs/a.yaml", 9],
      ["note", "yaml_word", "lava-jobs/a.yaml", 10],
      ["attention", "now_a_component", "lava-jobs/sub", undefined],
      ["note", "xattr", ".gitlab-ci.yml", 2],
    ]);
    expect(files.read("Makefile")).toBe(before);
    expect(existsSync(join(files.dir, ".lava-migrate"))).toBe(false);
  });

  test("puts right what can be, keeps what was there, and has nothing more to do then", async () => {
    using files = original();
    const makefile = files.read("Makefile");
    const built = (await files.build("dev")).items[0]?.data;

    await migrateProject(await files.open(), { write: true });

    expect(files.read("Makefile")).toContain("$(LAVA) build");
    expect(files.read(".lava-migrate/Makefile")).toBe(makefile);
    expect(existsSync(join(files.dir, "lava-jobs/Makefile"))).toBe(false);
    expect(files.read("lava-payloads/Makefile")).toContain("report.zip");
    expect(files.read("lava-jobs/a.yaml")).toContain('x-flag: "y"\nx-at: 12:30');
    expect(files.read("config/uat.yaml")).toMatch(/base_img: img\n {2}platform: linux\/amd64\n/);
    const again = await migrateProject(await files.open(), { write: true });
    expect(again.filter(({ state }) => state === "fixed")).toEqual([]);
    const rebuilt = (await files.build("dev")).items[0]?.data;
    expect(rebuilt?.["x-lava-chk"]).toBe(built?.["x-lava-chk"]);
  });

  test("leaves a project of the original's samples as it builds, but for its version", async () => {
    const dir = mkdtempSync(join(tmpdir(), "lava-migrate-"));
    try {
      const fixture = join(import.meta.dirname, "../../test/fixtures/original-project");
      cpSync(fixture, dir, { recursive: true, verbatimSymlinks: true });

      const items = await migrateProject(await openProject(dir), { write: true });

      expect(items.filter(({ state }) => state !== "note")).toEqual([]);
      expect(readFileSync(join(dir, "config/dev.yaml"), "utf8")).toContain("flags: [y, n,");
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

test("targets of one's own are those that the original's Makefiles do not have", () => {
  expect(
    ownTargets("A:=1\nB = x:y\ndist install: z\n%.o: %.c\n$(X): y\nmine other: dist\n\tcmd: x\n"),
  ).toEqual(["mine", "other"]);
});
