import { execFileSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { unpack } from "./unpack.ts";

let folder: string;
let target: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-unpack-"));
  target = join(folder, "to");
  await mkdir(target);
  await mkdir(join(folder, "from/sub"), { recursive: true });
  await writeFile(join(folder, "from/sub/run.sh"), "#!/bin/sh\n", { mode: 0o755 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a zip keeps modes", async () => {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from("#!/bin/sh\n"), "sub/run.sh", { mode: 0o100755 });
  zip.addBuffer(Buffer.from("data"), "data.txt");
  zip.end();
  const file = join(folder, "a.zip");
  await pipeline(zip.outputStream, createWriteStream(file));

  await unpack(file, target, 10);

  expect((await stat(join(target, "sub/run.sh"))).mode & 0o777).toBe(0o755);
  expect(await readFile(join(target, "data.txt"), "utf8")).toBe("data");
});

test.each([
  ["a.tar", "-cf"],
  ["a.tar.gz", "-czf"],
  ["a.tgz", "-czf"],
])("%s is unpacked with its modes (JOB-pkg-04)", async (name, flag) => {
  const file = join(folder, name);
  execFileSync("tar", [flag, file, "-C", join(folder, "from"), "sub"]);

  await unpack(file, target, 10);

  expect((await stat(join(target, "sub/run.sh"))).mode & 0o777).toBe(0o755);
});

test("entries that leave the folder are refused, nothing is written outside (JOB-pkg-05)", async () => {
  const file = join(folder, "bad.tar");
  execFileSync("tar", ["-cPf", file, "-C", target, "../from/sub/run.sh"]);
  await rm(join(folder, "from"), { recursive: true });

  await expect(unpack(file, target, 10)).rejects.toThrow("leaves the package");
  await expect(stat(join(folder, "from"))).rejects.toThrow("ENOENT");
});

test("links that lead outside are refused", async () => {
  execFileSync("ln", ["-s", "/etc/passwd", join(folder, "from/link")]);
  const file = join(folder, "link.tar");
  execFileSync("tar", ["-cf", file, "-C", join(folder, "from"), "link"]);

  await expect(unpack(file, target, 10)).rejects.toThrow("the entry /etc/passwd leaves");
});

test("an unknown name and a broken archive are faults", async () => {
  const file = join(folder, "a.zip");
  await writeFile(file, "no zip");

  await expect(unpack(join(folder, "a.rar"), target, 10)).rejects.toThrow(
    `Don't know how to unpack ${join(folder, "a.rar")}`,
  );
  await expect(unpack(file, target, 10)).rejects.toThrow(/end of central directory|zip/i);
});
