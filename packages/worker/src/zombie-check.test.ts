import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, nullLogger } from "@lava/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { waitForJobs } from "./zombie-check.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-zombies-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A clock whose sleeps end at once, each after what `onLook` does. */
function clock(onLook: (look: number) => void | Promise<void>): Clock {
  let looks = 0;
  return {
    now: () => 0,
    async sleep(_ms, signal) {
      looks += 1;
      await onLook(looks);
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
  };
}

const never = new Promise<void>(() => undefined);

test("jobs that have no directory at four looks in a row are stuck (WK-153, OPS-161, CFG-020)", async () => {
  let looks = 0;

  const all = await waitForJobs({
    idle: never,
    folder,
    check: true,
    logger: nullLogger,
    clock: clock(async (look) => {
      looks = look;
      if (look === 2) await mkdir(join(folder, "run"));
      if (look === 3) await rm(join(folder, "run"), { recursive: true });
    }),
  });

  expect(all).toBe(false);
  expect(looks).toBe(6); // one without, one with, four without
});

test("jobs that end are waited for, and without the check all are", async () => {
  for (const check of [true, false]) {
    const idle = Promise.withResolvers<void>();
    const all = await waitForJobs({
      idle: idle.promise,
      folder,
      check,
      logger: nullLogger,
      clock: clock((look) => {
        if (look === (check ? 2 : 10)) idle.resolve();
      }),
    });

    expect(all).toBe(true);
  }
});
