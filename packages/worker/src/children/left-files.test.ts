import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeTempDir, randomName } from "../job-tmpdir.ts";
import { hasLeftFiles } from "./left-files.ts";

test("what lava makes in a run's folder is no file that a child left; anything else is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lava-left-"));
  try {
    for (const end of ["stdout", "stderr", "logs"]) {
      await writeFile(join(folder, `tmp${randomName()}.${end}`), "");
    }
    await makeTempDir(folder, ".lava.", ".tmp");
    await makeTempDir(folder, "1.", ".pkg");
    expect(await hasLeftFiles(folder)).toBe(false);

    await writeFile(join(folder, "records.jsonl"), "");
    expect(await hasLeftFiles(folder)).toBe(true);
    expect(await hasLeftFiles(join(folder, "nowhere"))).toBe(false);
  } finally {
    await rm(folder, { recursive: true });
  }
});
