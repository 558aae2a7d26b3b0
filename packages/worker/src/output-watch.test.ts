import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nullLogger } from "@lava/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../test/eventually.ts";
import { type OutputWatchOptions, watchOutput } from "./output-watch.ts";

let folder: string;
let file: string;
let shown: { name: string; offset: number; text: string }[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-watch-"));
  file = join(folder, "out");
  shown = [];
  await writeFile(file, "");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const watch = (more: Partial<OutputWatchOptions> = {}) =>
  watchOutput({
    files: [{ file, name: "stdout" }],
    maxBytes: 0,
    lookMs: 2,
    liveMs: 4,
    putLive: (name, { offset, content }) => {
      shown.push({ name, offset, text: Buffer.from(content).toString() });
      return Promise.resolve();
    },
    logger: nullLogger,
    ...more,
  });

test("what a program has printed so far is shown, once for each change", async () => {
  const end = watch();
  await appendFile(file, "one\n");
  await eventually(() => shown.length === 1);
  await appendFile(file, "two\n");
  await eventually(() => shown.length === 2);

  expect(await end()).toEqual(new Map());
  expect(shown).toEqual([
    { name: "stdout", offset: 0, text: "one\n" },
    { name: "stdout", offset: 0, text: "one\ntwo\n" },
  ]);
  expect(await readFile(file, "utf8")).toBe("one\ntwo\n");
});

test("of a long output only the end is shown, with the place where it begins", async () => {
  await writeFile(file, "x".repeat(300_000));
  const end = watch();

  await eventually(() => shown.length > 0);
  await end();

  expect(shown[0]).toMatchObject({ offset: 300_000 - 262_144 });
  expect(shown[0]?.text).toHaveLength(262_144);
});

test("a store that fails is no fault of the job", async () => {
  let calls = 0;
  const end = watch({
    putLive: () => {
      calls += 1;
      return Promise.reject(new Error("S3 is away"));
    },
  });
  await appendFile(file, "x");
  await eventually(() => calls >= 2);

  expect(await end()).toEqual(new Map());
});

test("an output that is too long in the end keeps its beginning and its end", async () => {
  const end = watch({ maxBytes: 10, lookMs: 60_000 });
  await appendFile(file, `${"a".repeat(20)}END`);

  expect(await end()).toEqual(new Map([["stdout", 13]]));
  expect(await readFile(file, "utf8")).toBe(
    "aaaaa\n[lava: 13 bytes left out, OUTPUT_MAX_SIZE is 10 B]\naaEND",
  );
});

test("a program that never stops printing does not fill the disk", async () => {
  const end = watch({ maxBytes: 1000, liveMs: 0 });
  await appendFile(file, "FIRST");
  let written = 5;
  for (let round = 0; round < 20; round += 1) {
    await appendFile(file, "x".repeat(1100));
    written += 1100;
    await eventually(async () => (await stat(file)).size <= 1000);
  }
  await appendFile(file, "LAST");
  written += 4;

  const cuts = await end();
  const text = await readFile(file, "utf8");

  expect(cuts).toEqual(new Map([["stdout", written - 1000]]));
  expect(text).toMatch(
    /^FIRSTx+\n\[lava: \d+ bytes left out, OUTPUT_MAX_SIZE is 1.0 KB\]\nx+LAST$/,
  );
  expect(text.length).toBeLessThan(1100);
});
