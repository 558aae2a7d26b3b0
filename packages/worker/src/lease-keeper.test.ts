import { LavaError, nullLogger, systemClock } from "@lava/core";
import type { WorkerLease } from "@lava/realm";
import { expect, test } from "vitest";
import { createLeaseKeeper } from "./lease-keeper.ts";
import { createGuardFile } from "./renewal/guard-file.ts";
import type { RenewalOrder } from "./renewal/renewer.ts";

function setUp({
  renew = () => Promise.resolve(),
  durationMs = 90,
  time = (): number => 1000,
} = {}) {
  const calls: string[] = [];
  const orders: RenewalOrder[] = [];
  const lost: string[] = [];
  const guard = createGuardFile();
  let made = 0;
  const newLease = (): WorkerLease => {
    made += 1;
    const process = `p${made}`;
    return {
      holder: `w/${process}`,
      worker: "w",
      process,
      expires: 0,
      durationMs,
      cancels: 0,
      look: () => Promise.resolve(),
      start: () => Promise.resolve(void calls.push(`start ${process}`)),
      async renew() {
        calls.push(`renew ${process}`);
        await renew();
      },
      tell: (info) => Promise.resolve(void calls.push(`tell ${process} ${JSON.stringify(info)}`)),
      end: () => Promise.resolve(void calls.push(`end ${process}`)),
    };
  };
  const keeper = createLeaseKeeper({
    newLease,
    clock: { ...systemClock, monotonic: () => time() },
    logger: nullLogger,
    guard,
    renewals: { order: (order) => void orders.push(order) },
    watchdog: {
      arm: () => void calls.push("arm"),
      rest: () => void calls.push("rest"),
      setLease: () => undefined,
    },
    onLost: (holder) => lost.push(holder),
    onCancels: (holder) => lost.push(`cancel ${holder}`),
    restMs: 0,
  });
  return {
    keeper,
    calls,
    orders,
    lost,
    guard,
    async [Symbol.asyncDispose]() {
      await keeper[Symbol.asyncDispose]();
      guard.close();
    },
  };
}

const soon = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 5);
  });

test("a lease is asked for with the first run, kept while there are runs, and ended", async () => {
  const setup = setUp();
  const { keeper, calls, orders, guard } = setup;
  expect(calls).toEqual([]);

  const holder = await keeper.enter();
  expect(keeper.isLive("w/p1")).toBe(true);
  keeper.leave();
  await soon();

  expect(holder).toBe("w/p1");
  expect(guard.until).toBe(1081);
  expect(calls).toEqual(["start p1", "arm", "rest"]);
  expect(orders).toEqual([{ order: "renew", process: "p1", since: 1000 }, { order: "rest" }]);
  await setup[Symbol.asyncDispose]();
  expect(calls.at(-1)).toBe("end p1");
});

test("runs that begin together share one call", async () => {
  await using setup = setUp();

  await Promise.all([setup.keeper.enter(), setup.keeper.enter()]);

  expect(setup.calls).toEqual(["start p1", "arm"]);
});

test("a lease that lapsed while there was nothing to hold is renewed by the next run", async () => {
  let now = 1000;
  await using setup = setUp({ time: () => now });
  await setup.keeper.enter();
  setup.keeper.leave();
  await soon();
  now += 3_600_000;

  expect(await setup.keeper.enter()).toBe("w/p1");
  expect(setup.calls).toEqual(["start p1", "arm", "rest", "renew p1", "arm"]);
  expect(setup.keeper.isLive("w/p1")).toBe(true);
});

test("a lease that was fenced meanwhile is replaced by one of another name", async () => {
  let now = 1000;
  const renew = () => Promise.reject(new LavaError("LEASE_LOST", "fenced"));
  await using setup = setUp({ renew, time: () => now });
  await setup.keeper.enter();
  setup.keeper.leave();
  await soon();
  now += 3_600_000;

  expect(await setup.keeper.enter()).toBe("w/p2");
  expect(setup.lost).toEqual([]);
});

test("news of a loss stops the runs of that lease; the next run gets another one", async () => {
  await using setup = setUp();
  const { keeper, lost } = setup;
  await keeper.enter();

  keeper.hear({ news: "cancels", process: "p1" });
  keeper.hear({ news: "lost", process: "p0", text: "of another one" });
  keeper.hear({ news: "lost", process: "p1", text: "fenced" });

  expect(lost).toEqual(["cancel w/p1", "w/p1"]);
  expect(keeper.isLive("w/p1")).toBe(false);
  expect(await keeper.enter()).toBe("w/p2");
});

test("time that ran out, or a watchdog that had to kill, ends a lease that nobody has fenced yet", async () => {
  let now = 1000;
  await using setup = setUp({ time: () => now });
  const { keeper, lost } = setup;
  await keeper.enter();

  now = 1081;

  expect(keeper.isLive("w/p1")).toBe(false);
  expect(await keeper.enter()).toBe("w/p2");
  expect(lost).toEqual(["w/p1"]);
});

test("what is said of the process goes into its lease while runs are held, and is none of its renewals", async () => {
  await using setup = setUp();
  await setup.keeper.tell({ slots: 1 });
  await setup.keeper.enter();

  const { until } = setup.guard;
  await setup.keeper.tell({ draining: 5 });

  expect(setup.calls).toEqual(["start p1", "arm", 'tell p1 {"draining":5}']);
  expect(setup.guard.until).toBe(until);
});
