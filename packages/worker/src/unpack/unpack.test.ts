import { execFileSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { unpack } from "./unpack.ts";

const options = { timeoutSeconds: 10, maxBytes: 1_000_000, maxFiles: 10 };

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

  await unpack(file, target, options);

  expect((await stat(join(target, "sub/run.sh"))).mode & 0o777).toBe(0o755);
  expect(await readFile(join(target, "data.txt"), "utf8")).toBe("data");
});

test.each([
  ["a.tar", "-cf"],
  ["a.tar.gz", "-czf"],
  ["a.tgz", "-czf"],
  ["a.tar.bz2", "-cjf"],
  ["a.tbz2", "-cjf"],
  ["a.tar.xz", "-cJf"],
  ["a.txz", "-cJf"],
  ["a.tar.zst", "--zstd -cf"],
])("%s is unpacked with its modes (JOB-pkg-04)", async (name, flag) => {
  const file = join(folder, name);
  execFileSync("tar", [...flag.split(" "), file, "-C", join(folder, "from"), "sub"]);

  await unpack(file, target, options);

  expect((await stat(join(target, "sub/run.sh"))).mode & 0o777).toBe(0o755);
});

test("entries that leave the folder are refused, nothing is written outside (JOB-pkg-05)", async () => {
  const file = join(folder, "bad.tar");
  execFileSync("tar", ["-cPf", file, "-C", target, "../from/sub/run.sh"]);
  await rm(join(folder, "from"), { recursive: true });

  await expect(unpack(file, target, options)).rejects.toThrow("leaves the package");
  await expect(stat(join(folder, "from"))).rejects.toThrow("ENOENT");
});

test("links that lead outside are refused", async () => {
  execFileSync("ln", ["-s", "/etc/passwd", join(folder, "from/link")]);
  const file = join(folder, "link.tar");
  execFileSync("tar", ["-cf", file, "-C", join(folder, "from"), "link"]);

  await expect(unpack(file, target, options)).rejects.toThrow("the entry /etc/passwd leaves");
});

/** A zip whose entries are written as they stand, links too. */
async function zipOf(
  entries: readonly { readonly name: string; readonly text: string; readonly mode?: number }[],
): Promise<string> {
  const zip = new ZipFile();
  for (const { name, text, mode = 0o100644 } of entries) {
    zip.addBuffer(Buffer.from(text), name, { mode });
  }
  zip.end();
  const file = join(folder, "made.zip");
  await pipeline(zip.outputStream, createWriteStream(file));
  return file;
}

const LINK = 0o120777;

test.each([
  ["an absolute one", [{ name: "l", text: "/etc", mode: LINK }], "the entry /etc leaves"],
  ["one upwards", [{ name: "a/l", text: "../../x", mode: LINK }], "the entry ../../x leaves"],
  [
    "one through another one",
    [
      { name: "p/q", text: "..", mode: LINK },
      { name: "w", text: "p/q/..", mode: LINK },
      { name: "w2", text: "p/q/../..", mode: LINK },
    ],
    "leaves the package",
  ],
])("a link of a zip may not lead outside: %s", async (_, entries, message) => {
  const file = await zipOf(entries);

  await expect(unpack(file, target, options)).rejects.toMatchObject({
    code: "UNSAFE_ARCHIVE",
    message: expect.stringContaining(message),
  });
});

test("no entry of a zip is written through a link, and links inside work", async () => {
  const file = await zipOf([
    { name: "to", text: "sub", mode: LINK },
    { name: "to/file", text: "content" },
    { name: "sub/other", text: "x" },
  ]);

  await expect(unpack(file, target, options)).rejects.toThrow(/directory/i);
  await expect(stat(join(target, "sub/file"))).rejects.toThrow("ENOENT");
  const good = await zipOf([
    { name: "link", text: "sub/other", mode: LINK },
    { name: "sub/other", text: "x" },
  ]);
  await unpack(good, join(folder, "from"), options);
  expect(await readFile(join(folder, "from/link"), "utf8")).toBe("x");
});

test("a name with .. or a slash before it is refused, in a zip too", async () => {
  const file = await zipOf([{ name: "aa/evil", text: "x" }]);
  const bytes = await readFile(file, "latin1");

  for (const name of ["../evil", "/a/evil"]) {
    await writeFile(file, bytes.replaceAll("aa/evil", name.padEnd(7, "x").slice(0, 7)), "latin1");
    await expect(unpack(file, target, options)).rejects.toMatchObject({
      code: "UNSAFE_ARCHIVE",
      message: expect.stringMatching(/^the entry (\.\.\/|\/a\/)evil? leaves the package$/),
      hint: expect.stringContaining("relative paths"),
    });
  }
});

test.each(["bomb.zip", "bomb.tar.gz", "bomb.tar.xz"])(
  "%s that holds more than may come out of it writes nothing of that (bombs)",
  async (name) => {
    await writeFile(join(folder, "from/big"), Buffer.alloc(2_000_000));
    const file = name.endsWith(".zip")
      ? await zipOf([{ name: "big", text: "\0".repeat(2_000_000) }])
      : join(folder, name);
    if (name.endsWith("gz")) execFileSync("tar", ["-czf", file, "-C", join(folder, "from"), "big"]);
    if (name.endsWith("xz")) execFileSync("tar", ["-cJf", file, "-C", join(folder, "from"), "big"]);

    await expect(unpack(file, target, options)).rejects.toMatchObject({
      code: "ARCHIVE_TOO_LARGE",
      message: "the package holds more than 1.0 MB",
    });
    await expect(stat(join(target, "big"))).rejects.toThrow("ENOENT");
    expect((await stat(file)).size).toBeLessThan(10_000);
  },
);

test("an archive of too many files is refused", async () => {
  const file = await zipOf(Array.from({ length: 11 }, (_, n) => ({ name: `f${n}`, text: "" })));

  await expect(unpack(file, target, options)).rejects.toThrow("more than 10 files");
});

test("an archive that takes too long is given up", async () => {
  const file = join(folder, "a.tar");
  execFileSync("tar", ["-cf", file, "-C", join(folder, "from"), "sub"]);
  const late = AbortSignal.abort(new Error("cancelled"));

  await expect(unpack(file, target, { ...options, signal: late })).rejects.toThrow("cancelled");
});

test("an unknown name and a broken archive are faults", async () => {
  const file = join(folder, "a.zip");
  await writeFile(file, "no zip");

  await expect(unpack(join(folder, "a.rar"), target, options)).rejects.toThrow(
    `Don't know how to unpack ${join(folder, "a.rar")}`,
  );
  await expect(unpack(file, target, options)).rejects.toThrow(/end of central directory|zip/i);
});
