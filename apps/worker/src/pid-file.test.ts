import { spawn } from "node:child_process";
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

test("several daemons of one worker have a file each, by their index (OPS-098)", () => {
  expect(pidFileName("r", "w", 2)).toBe("r.w.2.pid");
});

test("of many starts at once exactly one gets the file, also when it was stale", async () => {
  await writeFile(join(folder, "x.pid"), "999999999\n");
  const script = `
    import { takePidFile } from ${JSON.stringify(new URL("pid-file.ts", import.meta.url).href)};
    try {
      takePidFile(process.argv[1], "x.pid", process.pid);
      console.log("taken");
    } catch (error) {
      console.log(error.code);
    }
    process.stdin.resume(); // lives on until its input ends
    // worker: the name by which others know it
  `;
  const starts = Array.from({ length: 6 }, () => {
    const argv = [
      "--conditions=@lava/source",
      "--input-type=module-typescript",
      "-e",
      script,
      folder,
    ];
    return spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "inherit"] });
  });
  const answers = await Promise.all(
    starts.map(async ({ stdout }) => {
      for await (const data of stdout) return String(data).trim();
      return "";
    }),
  );
  for (const { stdin } of starts) stdin.end();

  expect(answers.toSorted()).toEqual([
    ...Array.from({ length: 5 }, () => "WORKER_RUNS_ALREADY"),
    "taken",
  ]);
});
