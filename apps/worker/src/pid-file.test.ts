import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pidFileName, takePidFile } from "./pid-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-pid-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("the file is named after realm and worker and holds the pid (WF-234)", async () => {
  const name = pidFileName("r", "a/b");
  const release = takePidFile(folder, name, process.pid);

  expect(name).toBe("r.a-b.pid");
  expect(await readFile(join(folder, name), "utf8")).toBe(`${process.pid}\n`);
  release();
  await expect(readFile(join(folder, name))).rejects.toThrow("ENOENT");
});

test("a file of a process that is gone, or of a stranger, is replaced", async () => {
  await writeFile(join(folder, "x.pid"), "999999999\n");
  takePidFile(folder, "x.pid", process.pid);
  await writeFile(join(folder, "y.pid"), "1\n");
  takePidFile(folder, "y.pid", process.pid);

  expect(await readFile(join(folder, "y.pid"), "utf8")).toBe(`${process.pid}\n`);
});

test("a folder that cannot be written to is one clear fault", () => {
  expect(() => takePidFile(join(folder, "none"), "x.pid", 1)).toThrow(
    /pid file .* cannot be written/,
  );
});
