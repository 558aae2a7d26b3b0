import { nullLogger, systemClock } from "@lava/core";
import type { ChildRecord, RunEvent } from "@lava/realm";
import { expect, test } from "vitest";
import { type ChildLedgerOptions, createChildLedger } from "./child-ledger.ts";

const child = {
  ...{ job_id: "child", parent: "top", id: "child#0", log: "s3://b/child/r" },
  ...{ ts_dispatch: "2026-11-23T18:47:15+11:00", started: 0 },
};

/** A ledger whose writes are kept; `fault` is thrown by the first writes. */
function setUp(options: Partial<ChildLedgerOptions> = {}, faults = 0) {
  const events: { run: unknown; events: readonly RunEvent[]; extra: unknown }[] = [];
  const children: { job_id: string; part: string; ids: string[] }[] = [];
  let left = faults;
  const mayFail = (): void => {
    if (left-- > 0) throw new Error("throttled");
  };
  const ledger = createChildLedger({
    run_id: "r",
    epoch: 3,
    events: {
      append(run, list, { extra }) {
        mayFail();
        events.push({ run, events: Array.isArray(list) ? list : [list as RunEvent], extra });
        return Promise.resolve();
      },
    },
    children: {
      write({ job_id }, part, list: readonly ChildRecord[]) {
        children.push({ job_id, part, ids: list.map(({ id, status }) => `${id} ${status}`) });
        return Promise.resolve();
      },
    },
    origin: { worker: "core", hostname: "vm" },
    clock: { now: () => 2500, sleep: () => systemClock.sleep(1) },
    logger: nullLogger,
    isLive: () => true,
    isLost: () => false,
    batchMs: 60_000,
    ...options,
  });
  return { ledger, events, children };
}

function record(id: string, status: ChildRecord["status"]): ChildRecord {
  return { id, job_id: "child", pass: "1", status };
}

test("events of many turns of a child are few writes of its one item, with id, log and duration", async () => {
  const { ledger, events } = setUp();
  for (let turn = 0; turn < 100; turn += 1) {
    const target = ledger.target({ ...child, id: `child#${turn}` });
    await target.finish({ status: "complete" }, [{ status: "starting" }], false);
  }

  await ledger.flush();

  expect(events).toHaveLength(1);
  expect(events[0]?.run).toEqual({ job_id: "child", run_id: "r" });
  expect(events[0]?.events).toHaveLength(200);
  expect(events[0]?.extra).toEqual({
    x_child: { parent: "top", id: "child#99", log: "s3://b/child/r", seconds: 2.5 },
  });
});

test("of each child the latest word is recorded, in parts that sort by time and never grow too large", async () => {
  const { ledger, children } = setUp();
  ledger.note("top", record("a#0", "running"));
  ledger.note("top", record("a#0", "complete"));
  await ledger.flush();
  for (let turn = 0; turn < 500; turn += 1) ledger.note("top", record(`b#${turn}`, "complete"));
  await ledger.flush();
  await ledger.flush();

  expect(children.map(({ part, ids }) => [part, ids.length])).toEqual([
    ["000003-000001", 1],
    ["000003-000002", 400],
    ["000003-000003", 100],
  ]);
  expect(children[0]).toEqual({ job_id: "top", part: "000003-000001", ids: ["a#0 complete"] });
});

test("a write that fails is tried again, and given up in the end without a fault", async () => {
  const passing = setUp({}, 2);
  await passing.ledger.target(child).append([{ status: "starting" }]);
  await passing.ledger.flush();
  expect(passing.events).toHaveLength(1);

  const lasting = setUp({}, 100);
  await lasting.ledger.target(child).append([{ status: "starting" }]);
  await lasting.ledger.flush();
  expect(lasting.events).toHaveLength(0);
});

test("while the lease is late, writes wait for it", async () => {
  let looks = 0;
  const { ledger, events } = setUp({ isLive: () => (looks += 1) > 2 });
  await ledger.target(child).append([{ status: "starting" }]);

  await ledger.flush();

  expect(events).toHaveLength(1);
});

test("nothing is written of a run that is another worker's by now", async () => {
  const { ledger, events, children } = setUp({ isLost: () => true });
  await ledger.target(child).append([{ status: "starting" }]);
  ledger.note("top", record("a#0", "running"));

  await ledger.flush();

  expect([...events, ...children]).toEqual([]);
});
