import { describe, expect, test } from "vitest";
import { testRealm } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";
import type { EventOrigin, RunEvent, RunKey } from "../events/types.ts";
import type { Realm } from "../realm.ts";
import type { ClaimedRun, ClaimResult, WorkerLease } from "./types.ts";

const aws = sharedAws();

const origin: EventOrigin = { worker: "core", hostname: "vm" };
const starting: RunEvent = { status: "starting" };
const complete: RunEvent = { status: "complete", info: { exit_status: 0 } };

let count = 0;
function newRun(): RunKey {
  count += 1;
  return { job_id: "etl/load", run_id: `run-${count}` };
}

async function startLease(realm: Realm, process: string): Promise<WorkerLease> {
  const lease = realm.runs.lease({ origin, process, pid: 1 });
  await lease.start();
  return lease;
}

async function claim(realm: Realm, run: RunKey, lease: WorkerLease): Promise<ClaimResult> {
  const ts_dispatch = "2026-11-23T18:47:15+11:00";
  return realm.runs.claim(run, { holder: lease.holder, origin, ts_dispatch, events: [starting] });
}

async function claimed(realm: Realm, run: RunKey, lease: WorkerLease): Promise<ClaimedRun> {
  const result = await claim(realm, run, lease);
  if (result.outcome !== "claimed") throw new Error(`not claimed but ${result.outcome}`);
  return result.run;
}

async function statuses(realm: Realm, run: RunKey): Promise<string[]> {
  const record = await realm.events.get(run);
  return (record?.log ?? []).map((entry) => entry.status);
}

describe("a claim", () => {
  test("takes a new run and writes the first event with it (WK-026)", async () => {
    const { realm } = await testRealm(aws());
    const lease = await startLease(realm, "p1");
    const run = newRun();

    const held = await claimed(realm, run, lease);

    expect(held).toMatchObject({ ...run, holder: "core/p1", epoch: 1, attempt: 1 });
    const record = await realm.events.get(run);
    expect(record).toMatchObject({ status: "starting", worker: "core", hostname: "vm" });
    expect(record?.ts_dispatch).toBe("2026-11-23T18:47:15+11:00");
    expect(record?.extra).toMatchObject({ x_holder: "core/p1", x_state: "running" });
  });

  test("of many at the same time is won by one", async () => {
    const { realm } = await testRealm(aws());
    const run = newRun();
    const leases = await Promise.all(["a", "b", "c", "d"].map((name) => startLease(realm, name)));

    const results = await Promise.all(leases.map((lease) => claim(realm, run, lease)));

    const winners = results.filter((result) => result.outcome === "claimed");
    expect(winners).toHaveLength(1);
    expect(results.filter((result) => result.outcome === "held")).toHaveLength(3);
    expect(await statuses(realm, run)).toEqual(["starting"]);
  });

  test("of a run that is held says by whom and until when", async () => {
    const { realm, clock } = await testRealm(aws());
    const run = newRun();
    const first = await startLease(realm, "p1");
    const second = await startLease(realm, "p2");
    await claimed(realm, run, first);

    const result = await claim(realm, run, second);

    const until = clock.now() + 35_000;
    expect(result).toEqual({ outcome: "held", holder: "core/p1", own: false, until });
  });

  test("of a run that this process holds says so", async () => {
    const { realm } = await testRealm(aws());
    const run = newRun();
    const lease = await startLease(realm, "p1");
    await claimed(realm, run, lease);

    const result = await claim(realm, run, lease);

    expect(result).toMatchObject({ outcome: "held", own: true });
  });

  test("of a finished run says so and writes nothing", async () => {
    const { realm } = await testRealm(aws());
    const run = newRun();
    const lease = await startLease(realm, "p1");
    const held = await claimed(realm, run, lease);
    await held.finish(complete);

    const result = await claim(realm, run, lease);

    expect(result).toEqual({ outcome: "finished", status: "complete" });
    expect(await statuses(realm, run)).toEqual(["starting", "complete"]);
  });

  test("of a run that a Python worker has finished says so (WF-287)", async () => {
    const { realm } = await testRealm(aws());
    const run = newRun();
    const lease = await startLease(realm, "p1");
    await realm.events.append(run, { status: "failed", info: "x" }, { origin });

    const result = await claim(realm, run, lease);

    expect(result).toEqual({ outcome: "finished", status: "failed" });
  });

  test("takes over what a Python worker has left behind (WF-287)", async () => {
    const { realm } = await testRealm(aws());
    const run = newRun();
    const lease = await startLease(realm, "p1");
    await realm.events.append(
      run,
      { status: "running", info: "Iteration 1" },
      {
        origin: { worker: "old", hostname: "py" },
      },
    );

    const held = await claimed(realm, run, lease);

    expect(held.lost).toBe("old");
    expect(await statuses(realm, run)).toEqual(["running", "retrying", "starting"]);
  });
});

describe("a takeover", () => {
  test("comes only after the lease and the clocks' skew, and names the lost worker (WK-076)", async () => {
    const { realm, clock } = await testRealm(aws());
    const run = newRun();
    const first = await startLease(realm, "p1");
    await claimed(realm, run, first);
    clock.advance(20_000);
    const second = await startLease(realm, "p2");
    clock.advance(14_000);
    await second.renew();
    const early = await claim(realm, run, second);
    clock.advance(1_002);

    const held = await claimed(realm, run, second);

    expect(early.outcome).toBe("held");
    expect(held).toMatchObject({ epoch: 2, attempt: 2, lost: "core/p1" });
    const record = await realm.events.get(run);
    expect(record?.log.map((entry) => entry.status)).toEqual(["starting", "retrying", "starting"]);
    expect(record?.log[1]?.info).toEqual({
      error_data: null,
      error: "Worker core/p1 was lost; run taken over by core/p2",
    });
  });

  test("fences the lost worker: its lease cannot be renewed and its late writes are refused", async () => {
    const { realm, clock } = await testRealm(aws());
    const run = newRun();
    const first = await startLease(realm, "p1");
    const frozen = await claimed(realm, run, first);
    clock.advance(40_000);
    const second = await startLease(realm, "p2");
    await claimed(realm, run, second);

    const code = (promise: Promise<unknown>) =>
      promise.then(
        () => "done",
        (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
      );

    expect(await code(first.renew())).toBe("LEASE_LOST");
    expect(await code(first.start())).toBe("LEASE_LOST");
    expect(await code(frozen.append({ status: "running", info: "Iteration 1" }))).toBe("RUN_LOST");
    expect(await code(frozen.finish(complete))).toBe("RUN_LOST");
    expect(await code(frozen.release({ status: "retrying" }))).toBe("RUN_LOST");
    expect(await statuses(realm, run)).toEqual(["starting", "retrying", "starting"]);
    const [lost] = await realm.runs.listLeases("core");
    expect(lost).toMatchObject({ process: "p1", state: "fenced", hostname: "vm", pid: 1 });
  });

  test("by many at the same time is won by one", async () => {
    const { realm, clock } = await testRealm(aws());
    const run = newRun();
    await claimed(realm, run, await startLease(realm, "gone"));
    clock.advance(60_000);
    const leases = await Promise.all(["a", "b", "c"].map((name) => startLease(realm, name)));

    const results = await Promise.all(leases.map((lease) => claim(realm, run, lease)));

    expect(results.map((result) => result.outcome).toSorted()).toEqual(["claimed", "held", "held"]);
    expect(await statuses(realm, run)).toEqual(["starting", "retrying", "starting"]);
  });

  test("comes at once when the worker has ended its lease", async () => {
    const { realm } = await testRealm(aws());
    const run = newRun();
    const first = await startLease(realm, "p1");
    const second = await startLease(realm, "p2");
    await claimed(realm, run, first);
    await first.end();

    const held = await claimed(realm, run, second);

    expect(held.lost).toBe("core/p1");
  });

  test("is refused while a holder that seemed lost has renewed", async () => {
    const { realm, clock } = await testRealm(aws());
    const run = newRun();
    const first = await startLease(realm, "p1");
    await claimed(realm, run, first);
    clock.advance(60_000);
    await first.renew();

    const result = await claim(realm, run, await startLease(realm, "p2"));

    expect(result).toMatchObject({ outcome: "held", holder: "core/p1" });
  });
});

describe("a held run", () => {
  test("is kept for longer by a write without an event (WK-166, design 5)", async () => {
    const { realm, clock } = await testRealm(aws(), { config: { EVENT_TTL: "2h" } });
    const run = newRun();
    const held = await claimed(realm, run, await startLease(realm, "p1"));
    const first = (await realm.events.get(run))?.ttl ?? 0;

    clock.advance(3_600_000);
    await held.append([]);

    const record = await realm.events.get(run);
    expect((record?.ttl ?? 0) - first).toBe(3600);
    expect(record?.log.map(({ status }) => status)).toEqual(["starting"]);
  });

  test("takes events in order until its end, in few updates", async () => {
    const { realm } = await testRealm(aws());
    const run = newRun();
    const held = await claimed(realm, run, await startLease(realm, "p1"));

    await held.append({ status: "running", info: "Iteration 1" });
    await held.finish(complete, { before: [{ status: "logging", info: { a: 1.5 } }] });

    expect(await statuses(realm, run)).toEqual(["starting", "running", "logging", "complete"]);
    const record = await realm.events.get(run);
    expect(record?.status).toBe("complete");
    expect(record?.extra).not.toHaveProperty("x_holder");
    expect(record?.extra).toMatchObject({ x_state: "done", x_actions: { state: "settled" } });
  });

  test("refuses what would come after its end", async () => {
    const { realm } = await testRealm(aws());
    const held = await claimed(realm, newRun(), await startLease(realm, "p1"));
    await held.finish({ status: "failed", info: "no" }, { actions: true });

    await expect(held.finish(complete)).rejects.toThrow(/a second end/);
    await expect(held.append({ status: "running" })).rejects.toThrow(/after the end/);
    await expect(held.release({ status: "retrying" })).rejects.toThrow(/after the end/);
  });

  test("never overwrites an end that somebody else has written", async () => {
    const { realm } = await testRealm(aws());
    const run = newRun();
    const held = await claimed(realm, run, await startLease(realm, "p1"));
    await realm.events.append(run, { status: "failed", info: "by another" }, { origin });

    await expect(held.finish(complete)).rejects.toMatchObject({ code: "RUN_LOST" });
    expect((await realm.events.get(run))?.status).toBe("failed");
  });

  test("that is given back is claimed again at once, with the next attempt", async () => {
    const { realm } = await testRealm(aws());
    const run = newRun();
    const held = await claimed(realm, run, await startLease(realm, "p1"));

    await held.release({ status: "retrying", info: "worker stops" }, { reason: "drained" });
    const released = await realm.events.get(run);
    const again = await claimed(realm, run, await startLease(realm, "p2"));

    expect(released).toMatchObject({ status: "retrying" });
    expect(released?.extra).toMatchObject({ x_state: "released", x_reason: "drained" });
    expect(again).toMatchObject({ attempt: 2, epoch: 2 });
    expect(again.lost).toBeUndefined();
    expect(again.record.extra).not.toHaveProperty("x_reason");
    await expect(held.append({ status: "running" })).rejects.toMatchObject({ code: "RUN_LOST" });
  });
});

describe("actions of a finished run", () => {
  test("keep it held until they are settled", async () => {
    const { realm } = await testRealm(aws());
    const run = newRun();
    const held = await claimed(realm, run, await startLease(realm, "p1"));

    await held.finish(complete, { actions: true });
    await held.noteAction("on_success.0", { run_id: "child-1" });
    const result = await claim(realm, run, await startLease(realm, "p2"));
    await held.settle();

    expect(result.outcome).toBe("held");
    const record = await realm.events.get(run);
    expect(record?.status).toBe("complete");
    expect(record?.extra["x_actions"]).toEqual({
      state: "settled",
      "on_success.0": { run_id: "child-1" },
    });
  });

  test("are all that is taken over from a worker that was lost between", async () => {
    const { realm, clock } = await testRealm(aws());
    const run = newRun();
    const held = await claimed(realm, run, await startLease(realm, "p1"));
    await held.finish(complete, { actions: true });
    await held.noteAction("on_success.0", { run_id: "child-1" });
    clock.advance(60_000);

    const next = await claimed(realm, run, await startLease(realm, "p2"));
    await next.settle();

    expect(next.attempt).toBe(1);
    expect(next.finished).toMatchObject({
      status: "complete",
      actions: { "on_success.0": { run_id: "child-1" } },
    });
    await expect(held.settle()).rejects.toMatchObject({ code: "RUN_LOST" });
    const record = await realm.events.get(run);
    expect(record?.status).toBe("complete");
    expect(await statuses(realm, run)).toEqual(["starting", "complete", "retrying"]);
  });

  test("that fail turn complete into action_failed, and leave failed as it is", async () => {
    const { realm } = await testRealm(aws());
    const lease = await startLease(realm, "p1");
    const [good, bad] = [newRun(), newRun()];
    const fault: RunEvent = { status: "action_failed", info: "no such topic" };

    for (const [run, event] of [
      [good, complete],
      [bad, { status: "failed", info: "x" } satisfies RunEvent],
    ] as const) {
      const held = await claimed(realm, run, lease);
      await held.finish(event, { actions: true });
      await held.settle([fault]);
    }

    const record = await realm.events.get(good);
    expect(record).toMatchObject({ status: "action_failed", extra: { x_reason: "action_failed" } });
    expect((await realm.events.get(bad))?.status).toBe("failed");
    expect(await statuses(realm, bad)).toEqual(["starting", "failed", "action_failed"]);
  });
});

describe("conclude", () => {
  test("ends a run that is not to be executed, in one update", async () => {
    const { realm } = await testRealm(aws());
    const run = newRun();

    const result = await realm.runs.conclude(run, {
      origin,
      events: [{ status: "skipped", info: "Job is not enabled (static)" }],
    });

    expect(result).toEqual({ outcome: "concluded" });
    const again = await realm.runs.conclude(run, { origin, events: [{ status: "rejected" }] });
    expect(again).toEqual({ outcome: "finished", status: "skipped" });
    expect(await statuses(realm, run)).toEqual(["skipped"]);
  });

  test("leaves a held run alone", async () => {
    const { realm } = await testRealm(aws());
    const run = newRun();
    await claimed(realm, run, await startLease(realm, "p1"));

    const result = await realm.runs.conclude(run, { origin, events: [{ status: "rejected" }] });

    expect(result).toMatchObject({ outcome: "held", holder: "core/p1" });
  });
});
