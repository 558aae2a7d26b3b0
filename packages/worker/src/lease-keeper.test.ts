import { LavaError, nullLogger, systemClock } from "@lava/core";
import type { WorkerLease } from "@lava/realm";
import { expect, test } from "vitest";
import { eventually } from "../test/eventually.ts";
import { createLeaseKeeper } from "./lease-keeper.ts";

function setup(renew: (calls: number) => Promise<void>, leaseMs = 90) {
  const calls: string[] = [];
  const allowed: number[] = [];
  const lost: string[] = [];
  let made = 0;
  const newLease = (): WorkerLease => {
    made += 1;
    const process = `p${made}`;
    let expires = 0;
    let renewals = 0;
    const extend = (name: string): void => {
      calls.push(`${name} ${process}`);
      expires = Date.now() + leaseMs;
    };
    return {
      holder: `w/${process}`,
      worker: "w",
      process,
      get expires() {
        return expires;
      },
      start: () => Promise.resolve(extend("start")),
      async renew() {
        renewals += 1;
        await renew(renewals);
        extend("renew");
      },
      end: () => Promise.resolve(void calls.push(`end ${process}`)),
    };
  };
  const keeper = createLeaseKeeper({
    newLease,
    clock: systemClock,
    logger: nullLogger,
    allow: (ms) => allowed.push(ms),
    onLost: (holder) => lost.push(holder),
  });
  return { keeper, calls, allowed, lost };
}

test("a lease is asked for with the first run, and renewed while there are runs only", async () => {
  const { keeper, calls, allowed } = setup(() => Promise.resolve());
  expect(calls).toEqual([]);

  const holder = await keeper.enter();
  await eventually(() => calls.filter((call) => call === "renew p1").length >= 2);
  keeper.leave();

  expect(holder).toBe("w/p1");
  expect(keeper.isLive("w/p1")).toBe(true);
  expect(allowed.at(0)).toBeLessThanOrEqual(90);
  expect(allowed.at(-1)).toBe(0);
  await keeper[Symbol.asyncDispose]();
  expect(calls.at(-1)).toBe("end p1");
});

test("two runs that begin together share one call", async () => {
  const { keeper, calls } = setup(() => Promise.resolve(), 10_000);

  await Promise.all([keeper.enter(), keeper.enter()]);

  expect(calls).toEqual(["start p1"]);
  await keeper[Symbol.asyncDispose]();
});

test("a lease that was fenced is lost at once; the next run gets one of another name", async () => {
  const { keeper, lost } = setup((n) =>
    n === 1 ? Promise.reject(new LavaError("LEASE_LOST", "fenced")) : Promise.resolve(),
  );
  await keeper.enter();

  await eventually(() => lost.length === 1);

  expect(lost).toEqual(["w/p1"]);
  expect(keeper.isLive("w/p1")).toBe(false);
  expect(await keeper.enter()).toBe("w/p2");
  await keeper[Symbol.asyncDispose]();
});

test("a store that is away costs the lease only when its time is over", async () => {
  const { keeper, lost } = setup(() => Promise.reject(new Error("away")));
  const began = Date.now();
  await keeper.enter();

  await eventually(() => lost.length === 1);

  expect(Date.now() - began).toBeGreaterThanOrEqual(75);
  await keeper[Symbol.asyncDispose]();
});
