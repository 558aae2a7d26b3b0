import { lstat, mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeTempDir, openTempArea, workerTempDir } from "./job-tmpdir.ts";

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "lava-tmp-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

test("the worker's directory replaces a suffix of its name (WK-080, CFG-001)", () => {
  expect(workerTempDir("/tmp/lava", "dev", "core", 7)).toBe("/tmp/lava/dev/core.7");
  expect(workerTempDir("/tmp/lava", "dev", "a.b", 7)).toBe("/tmp/lava/dev/a.7");
});

test("private directories have the names and the mode of WK-084", async () => {
  const path = await makeTempDir(await folder(), ".lava.", ".tmp");

  expect(path).toMatch(/\/\.lava\.[a-z0-9_]{8}\.tmp$/);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test("each execution of a run has a directory of its own, whatever an earlier one has left (WK-060)", async () => {
  const area = await openTempArea(join(await folder(), "r", "w.1"));
  const path = await area.open("run");
  const second = await area.open("run");

  expect(path).toBe(join(area.folder, "run"));
  expect(second).toMatch(/\/run\.[a-z0-9_]{8}$/);
  expect((await stat(second)).mode & 0o777).toBe(0o700);
  await area.close(path);
  await expect(stat(second)).resolves.toBeDefined();
  await expect(area.open("run")).resolves.toBe(path);
  await area.remove();
  await expect(stat(area.folder)).rejects.toThrow("ENOENT");
});

test("whatever a payload left in its directory goes with it, and nothing that a link names (WK-082)", async () => {
  const area = await openTempArea(join(await folder(), "r", "w.1"));
  const other = await folder();
  await writeFile(join(other, "kept"), "");
  const [few, deep, replaced] = [
    await area.open("few"),
    await area.open("deep"),
    await area.open("replaced"),
  ];
  await writeFile(join(few, "out"), "");
  await symlink(other, join(few, "link"));
  await mkdir(join(deep, "a", "b"), { recursive: true });
  await rm(replaced, { recursive: true });
  await symlink(other, replaced);

  for (const path of [few, deep, replaced]) {
    await area.close(path);
    await expect(lstat(path)).rejects.toThrow("ENOENT");
  }
  await expect(stat(join(other, "kept"))).resolves.toBeDefined();
});
