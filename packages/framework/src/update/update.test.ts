import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sha256 } from "../build/fingerprints.ts";
import { openProject, type Project } from "../project.ts";
import { scaffoldProject } from "../scaffold/scaffold.ts";
import { updateProject } from "./update.ts";

let folder: string;
let dir: string;
const PATH = { PATH: process.env["PATH"] ?? "" };
const open = async (environ = PATH): Promise<Project> => await openProject(dir, { environ });
const read = (path: string): string => readFileSync(join(dir, path), "utf8");
const write = (path: string, content: string): void => {
  writeFileSync(join(dir, path), content);
};

/** As if an earlier version had scaffolded a file otherwise. */
function madeWith(path: string, content: string): void {
  write(path, content);
  const record: { files: Record<string, unknown> } = JSON.parse(read("etc/scaffold.json"));
  record.files[path] = { sha256: sha256(content), content };
  write("etc/scaffold.json", JSON.stringify(record));
  write("etc/version", "8.9.0 (old)\n");
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lava-update-"));
  dir = join(folder, "p");
  await scaffoldProject(
    { realm: "t", owner: "me", description: "d", project_dir: "p", project_name: "p" },
    dir,
  );
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("a project of this version is up to date, and nothing is written (FW-298)", async () => {
  const result = await updateProject(await open());
  expect(result.files).toEqual([]);
  expect(result.backup).toBeUndefined();
});

test("files that nobody edited are replaced, edits merged, and edits of the same lines marked; specs and config stay (FW-293, FW-294)", async () => {
  const make = read("Makefile");
  const ignore = read(".gitignore");
  const readme = read("README.md");
  madeWith("Makefile", make.replace("LAVA ?= lava", "LAVA ?= old"));
  madeWith(".gitignore", `${ignore}old-entry/\n`);
  write(".gitignore", `mine/\n${ignore}old-entry/\n`);
  madeWith("README.md", readme.replace("lava check ", "lava oldcheck "));
  write("README.md", readme.replace("lava check ", "lava mycheck "));
  write("lava-jobs/hello.yaml", "# mine\n");
  write("config/dev.yaml", `${read("config/dev.yaml")}# mine\n`);
  rmSync(join(dir, "lava-rules/README.md"));

  const plan = await updateProject(await open(), { dryRun: true });
  expect(plan.from).toBe("8.9.0");
  expect(Object.fromEntries(plan.files.map(({ path, outcome }) => [path, outcome]))).toEqual({
    ".gitignore": "merged",
    Makefile: "replaced",
    "README.md": "conflict",
    "etc/version": "replaced",
    "lava-rules/README.md": "gone",
  });
  expect(read("Makefile")).toContain("LAVA ?= old");

  const result = await updateProject(await open());
  expect(result.files).toEqual(plan.files);
  expect(read("Makefile")).toBe(make);
  expect(read(".gitignore")).toBe(`mine/\n${ignore}`);
  expect(read("README.md")).toMatch(
    /<<<<<<< yours\n.*mycheck.*\n\|{7} lava 8\.9\.0\n.*oldcheck.*\n={7}\n.*lava check .*\n>{7} lava \d/s,
  );
  expect(read("lava-jobs/hello.yaml")).toBe("# mine\n");
  expect(read("config/dev.yaml")).toContain("# mine");
  expect(existsSync(join(dir, "lava-rules/README.md"))).toBe(false);
});

test("the backup holds every source, dot files and notebooks too, as it was (FW-289, FW-290)", async () => {
  madeWith("Makefile", "old\n");
  write("lava-payloads/n.ipynb", "{}");
  write("other.zip", "x");
  const { backup = "" } = await updateProject(await open());
  expect(backup).toMatch(/\/p\/p-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.zip$/);
  const list = execFileSync("python3", ["-m", "zipfile", "-l", backup]).toString();
  for (const name of [".gitignore", ".config.json", "lava-payloads/n.ipynb", "config/dev.yaml"])
    expect(list).toContain(name);
  expect(list).not.toContain("other.zip");
  execFileSync("python3", ["-m", "zipfile", "-e", backup, join(folder, "out")]);
  expect(readFileSync(join(folder, "out/Makefile"), "utf8")).toBe("old\n");
});

test("without a record of what it was made with, what was edited is kept and the new one is beside it (FW-294)", async () => {
  rmSync(join(dir, "etc/scaffold.json"));
  write("Makefile", "all mine\n");
  const { files } = await updateProject(await open());
  expect(files).toContainEqual({ path: "Makefile", outcome: "kept" });
  expect(read("Makefile")).toBe("all mine\n");
  expect(read("Makefile.new")).toContain("LAVA ?= lava");
});

test("a project of the original is told of new keys, old layouts and another folder; answers come from its config (FW-291 to FW-296)", async () => {
  for (const name of ["etc", ".config.json"]) rmSync(join(dir, name), { recursive: true });
  write(
    "config/dev.yaml",
    read("config/dev.yaml")
      .replace(/ {2}platform:.*\n/, "")
      .replaceAll("app/p", "app/own"),
  );
  execFileSync("mkdir", [join(dir, "lava-jobs/sub")]);
  write("requirements.txt", "");
  const { from, notes } = await updateProject(await open(), { addKeys: true });
  expect(from).toBe("0.0.0");
  expect(notes).toEqual([
    "config/dev.yaml: docker.platform: linux/amd64 was added",
    "lava-jobs/sub: specs in it count now; a name with a leading _ keeps them out",
    "requirements.txt: `lava init` installs it into venv now",
  ]);
  expect(read("config/dev.yaml")).toMatch(/docker:\n {2}platform: linux\/amd64\n {2}base_img/);
  expect(JSON.parse(read(".config.json"))).toMatchObject({
    cookiecutter: { job_prefix: "app/own", realm: "t" },
  });

  execFileSync("mv", [dir, `${dir}2`]);
  dir = `${dir}2`;
  write(".config.json", '{"cookiecutter": {"project_dir": "p"}, "lava": {"protected": ["prod"]}}');
  const again = await updateProject(await open());
  expect(again.notes[0]).toBe("the folder is p2, and the project was made as p");
  expect(JSON.parse(read(".config.json"))).toMatchObject({ lava: { protected: ["prod"] } });
});

test("what cannot be written whole is not written at all (FW-290)", async () => {
  madeWith("Makefile", "old\n");
  madeWith(".gitignore", "old\n");
  rmSync(join(dir, "lava-triggers"), { recursive: true });
  const record: { files: Record<string, unknown> } = JSON.parse(read("etc/scaffold.json"));
  delete record.files["lava-triggers/README.md"];
  write("etc/scaffold.json", JSON.stringify(record));
  // A file where a folder should be.
  write("lava-triggers", "x");
  await expect(updateProject(await open())).rejects.toMatchObject({ code: "UPDATE_FAILED" });
  expect(read("Makefile")).toBe("old\n");
  expect(read(".gitignore")).toBe("old\n");
  expect(readdirSync(dir).some((name) => name.endsWith(".zip"))).toBe(true);
});
