import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "@lava/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type DevFolder, devFolder, loadDevRealm } from "./dev-folder.ts";
import { lockDevFolder } from "./dev-lock.ts";

let folder: DevFolder;
const { signal } = new AbortController();

/** A clock that does something whenever it is slept on. */
function clockThat(onSleep: () => void): Clock {
  let now = 0;
  return {
    now: () => now,
    async sleep(ms) {
      now += ms;
      onSleep();
      await Promise.resolve();
    },
  };
}

beforeEach(async () => {
  folder = devFolder(await mkdtemp(join(tmpdir(), "lava-lock-")));
});

afterEach(async () => {
  await rm(folder.project, { recursive: true, force: true });
});

test("the second command waits until the first is done", async () => {
  const order: string[] = [];
  const first = await lockDevFolder(folder, { clock: clockThat(() => undefined), signal });
  const clock = clockThat(() => {
    if (order.push("waits") === 3) first[Symbol.dispose]();
  });

  using _second = await lockDevFolder(folder, { clock, signal }, () => order.push("told"));

  expect(order).toEqual(["told", "waits", "waits"]);
});

test("a lock whose folder was removed keeps nobody out", async () => {
  using _first = await lockDevFolder(folder, { clock: clockThat(() => undefined), signal });
  await rm(folder.root, { recursive: true });

  using _second = await lockDevFolder(folder, { clock: clockThat(() => undefined), signal });

  expect(await loadDevRealm(folder)).toBeUndefined();
});

test("waiting ends with one clear fault", async () => {
  using _first = await lockDevFolder(folder, { clock: clockThat(() => undefined), signal });

  const second = lockDevFolder(folder, { clock: clockThat(() => undefined), signal });

  await expect(second).rejects.toMatchObject({ code: "DEV_FOLDER_BUSY" });
});
