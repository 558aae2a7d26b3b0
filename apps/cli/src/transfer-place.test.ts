import { readdir, readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { systemClock } from "@lava/core";
import { emulatedRealm, projectDir } from "@lava/testing";
import { expect, test } from "vitest";
import type { CliContext } from "./command.ts";
import { storePlace } from "./transfer-place.ts";

test("a file that breaks off leaves the old one as it was, and nothing else", async () => {
  await using files = await projectDir({ "a.txt": "old" });
  await using emulated = await emulatedRealm();
  const { stdout, stderr, stdin } = process;
  const context: CliContext = {
    ...{ program: undefined, env: {}, cwd: files.path, stdin, stdout, stderr },
    ...{ clock: systemClock, signal: new AbortController().signal, exitStatus: 0 },
  };
  const place = { file: "a.txt", kmsKey: undefined, dir: files.path };
  async function* half(): AsyncGenerator<Buffer> {
    yield Buffer.from("ne");
    throw new Error("the connection broke");
  }

  await expect(storePlace(Readable.from(half()), place, emulated.realm, context)).rejects.toThrow(
    "the connection broke",
  );
  expect(await readFile(files.file("a.txt"), "utf8")).toBe("old");

  await storePlace(Readable.from([Buffer.from("new")]), place, emulated.realm, context);
  expect(await readFile(files.file("a.txt"), "utf8")).toBe("new");
  expect(await readdir(files.path)).toEqual(["a.txt"]);
});
