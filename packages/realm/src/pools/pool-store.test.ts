import { describe, expect, test } from "vitest";
import { testRealm } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";
import type { Realm } from "../realm.ts";
import type { PoolRequest } from "./types.ts";

const aws = sharedAws();
const origin = { worker: "core", hostname: "vm" };

async function setUp() {
  const { realm, clock } = await testRealm(aws());
  const lease = realm.runs.lease({ origin, process: "p1" });
  await lease.start();
  return { realm, clock, lease };
}

let count = 0;
function request(holder: string, more: Partial<PoolRequest> = {}): PoolRequest {
  count += 1;
  const run = { job_id: "etl/load", run_id: `run-${count}` };
  return { pool: "db", size: 2, slots: 1, run, holder, since: 0, ...more };
}

const used = async (realm: Realm) => (await realm.pools.get("db")).used;

describe("a pool", () => {
  test("gives no more slots than it has, and a freed one again (SIB-BDRC-09)", async () => {
    const { realm, lease } = await setUp();
    const slots = await Promise.all(
      Array.from({ length: 6 }, () => realm.pools.take(request(lease.holder))),
    );
    const taken = slots.filter((slot) => slot !== undefined);
    expect(taken).toHaveLength(2);

    for (const slot of taken) await realm.pools.free(slot);
    expect(await used(realm)).toBe(0);

    expect(await realm.pools.take(request(lease.holder, { slots: 2 }))).toBeDefined();
    expect(await realm.pools.take(request(lease.holder))).toBeUndefined();
  });

  test("does not count a slot twice that is freed twice", async () => {
    const { realm, lease } = await setUp();
    const slot = await realm.pools.take(request(lease.holder));
    await realm.pools.take(request(lease.holder));
    if (slot === undefined) throw new Error("no slot");

    await realm.pools.free(slot);
    await realm.pools.free(slot);

    expect(await used(realm)).toBe(1);
  });

  test("refuses a run that wants more than it will ever have", async () => {
    const { realm, lease } = await setUp();

    await expect(realm.pools.take(request(lease.holder, { slots: 3 }))).rejects.toMatchObject({
      code: "POOL_TOO_SMALL",
    });
  });

  test("gets back what a lost worker held, once its lease is over", async () => {
    const { realm, clock, lease } = await setUp();
    const gone = realm.runs.lease({ origin, process: "gone" });
    await gone.start();
    const other = { pools: realm.pools };
    await realm.pools.take(request(gone.holder, { slots: 2 }));

    expect(await other.pools.take(request(lease.holder))).toBeUndefined();
    clock.advance(60_000);

    expect(await other.pools.take(request(lease.holder))).toBeDefined();
    await expect(gone.renew()).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(await used(realm)).toBe(1);
  });

  test("gets back the slot of a run that its live holder does not hold any more", async () => {
    const { realm, clock, lease } = await setUp();
    const other = realm.runs.lease({ origin, process: "p2" });
    await other.start();
    await realm.pools.take(request(other.holder, { size: 1 }));

    clock.advance(130_000);
    await other.renew();

    expect(await realm.pools.take(request(lease.holder, { size: 1 }))).toBeDefined();
  });

  test("keeps its next slot for the run that has waited longest", async () => {
    const { realm, clock, lease } = await setUp();
    const one = { size: 1 };
    const slot = await realm.pools.take(request(lease.holder, one));
    if (slot === undefined) throw new Error("no slot");
    const old = request(lease.holder, { ...one, since: clock.now() - 100_000 });
    const young = request(lease.holder, { ...one, since: clock.now() });
    expect(await realm.pools.take(old)).toBeUndefined();

    await realm.pools.free(slot);

    expect(await realm.pools.take(young)).toBeUndefined();
    expect(await realm.pools.take(old)).toBeDefined();
  });

  test("keeps a slot for nobody who does not come back", async () => {
    const { realm, clock, lease } = await setUp();
    const one = { size: 1 };
    const slot = await realm.pools.take(request(lease.holder, one));
    if (slot === undefined) throw new Error("no slot");
    await realm.pools.take(request(lease.holder, { ...one, since: clock.now() - 100_000 }));
    await realm.pools.free(slot);

    clock.advance(25_000);

    expect(
      await realm.pools.take(request(lease.holder, { ...one, since: clock.now() })),
    ).toBeDefined();
  });
});
