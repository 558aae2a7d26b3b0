import { DecimalValue, FloatValue } from "@lava/core";
import { describe, expect, test } from "vitest";
import { testRealm } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";
import type { EventOrigin } from "./types.ts";

const aws = sharedAws();
const origin: EventOrigin = { worker: "core", hostname: "vm" };
const run = { job_id: "t/log", run_id: "r1" };

describe("append", () => {
  test("an event of a child is refused once a higher epoch of its parent has written", async () => {
    const { realm } = await testRealm(aws());
    const append = (status: "running" | "failed" | "complete", parentEpoch: number) =>
      realm.events.append(run, { status }, { origin, parentEpoch });
    await append("running", 1);
    await append("running", 2);

    await expect(append("failed", 1)).rejects.toMatchObject({ code: "RUN_LOST" });
    await append("complete", 2);

    expect((await realm.events.get(run))?.log.map(({ status }) => status)).toEqual([
      ...["running", "running", "complete"],
    ]);
  });

  test("writes the attributes of the original, and its own beginning with x_ (WF-100..120)", async () => {
    const { realm, clock } = await testRealm(aws());
    await realm.events.append(
      run,
      { status: "starting" },
      { origin, ts_dispatch: "2026-11-23T07:47:15+00:00" },
    );
    clock.advance(1_000);

    await realm.events.append(run, { status: "complete", info: { exit_status: 0 } }, { origin });

    const record = await realm.events.get(run);
    const seconds = Math.floor(clock.now() / 1000) + 2 * 86_400;
    expect(Object.keys(record?.raw ?? {}).toSorted()).toEqual([
      "hostname",
      "job_id",
      "log",
      "run_id",
      "status",
      "ts_dispatch",
      "ts_event",
      "ttl",
      "tu_event",
      "worker",
      "worker_id",
      "x_ended",
      "x_started",
    ]);
    const started = Date.parse(String(record?.extra["x_started"]));
    expect(Date.parse(String(record?.extra["x_ended"])) - started).toBe(1_000);
    expect(record?.raw).toMatchObject({
      status: "complete",
      tu_event: "2026-11-23T07:47:16",
      worker_id: null,
      ttl: new DecimalValue(String(seconds)),
    });
    expect(record?.log).toHaveLength(2);
    expect(record?.log[0]).toEqual({
      ts_event: expect.stringMatching(/^2026-11-23T.*[+-]\d\d:\d\d$/),
      tu_event: "2026-11-23T07:47:15",
      status: "starting",
      info: null,
    });
  });

  test("names the instance on EC2 (WF-107, WF-109, T-74)", async () => {
    const { realm } = await testRealm(aws());

    await realm.events.append(
      run,
      { status: "starting" },
      { origin: { ...origin, instance_id: "i-1" } },
    );

    const record = await realm.events.get(run);
    expect(record?.raw).toMatchObject({ worker_id: "i-1", instance_id: "i-1" });
  });

  test("writes no ttl when events are kept for ever (WF-105, WK-166, CFG-006)", async () => {
    const { realm } = await testRealm(aws(), { config: { EVENT_TTL: "" } });

    await realm.events.append(run, { status: "starting" }, { origin });

    expect((await realm.events.get(run))?.ttl).toBeUndefined();
  });

  test("takes several events in one update, the last one's status wins", async () => {
    const { realm } = await testRealm(aws());

    await realm.events.append(run, [{ status: "starting" }, { status: "rejected", info: "late" }], {
      origin,
      extra: { x_state: "late" },
    });

    const record = await realm.events.get(run);
    expect(record?.status).toBe("rejected");
    expect(record?.log.map((entry) => entry.status)).toEqual(["starting", "rejected"]);
    expect(record?.extra).toMatchObject({ x_state: "late" });
  });

  test("keeps every kind of number exactly, and floats that the original would lose (WF-118)", async () => {
    const { realm } = await testRealm(aws());
    const info = {
      float: 1.5,
      whole: new FloatValue(2),
      large: 12_345_678_901_234_567_890n,
      decimal: new DecimalValue("0.1000000000000000055511151231257827"),
      nan: Number.NaN,
    };

    await realm.events.append(run, { status: "logging", info }, { origin });

    const record = await realm.events.get(run);
    expect(record?.log[0]?.info).toEqual({
      float: new DecimalValue("1.5"),
      whole: new DecimalValue("2"),
      large: new DecimalValue("12345678901234567890"),
      decimal: new DecimalValue("0.1000000000000000055511151231257827"),
      nan: "NaN",
    });
  });

  test("masks secrets wherever they stand in the info (WK-169)", async () => {
    const { realm, redactor } = await testRealm(aws());
    redactor.add("hunter2hunter2");

    await realm.events.append(
      run,
      {
        status: "failed",
        info: { error: "bad password hunter2hunter2", list: ["hunter2hunter2"] },
      },
      { origin },
    );

    const record = await realm.events.get(run);
    expect(record?.log[0]?.info).toEqual({ error: "bad password ****", list: ["****"] });
  });

  test("trims an oversize info to its head and its tail, with a marker (WK-165)", async () => {
    const { realm } = await testRealm(aws());
    const stdout = `first line\n${"x".repeat(900_000)}\nlast line`;

    await realm.events.append(
      run,
      { status: "complete", info: { exit_status: 0, output: [{ payload: "a.sh", stdout }] } },
      { origin },
    );

    const text = JSON.stringify((await realm.events.get(run))?.log[0]?.info);
    expect(text.length).toBeLessThan(220_000);
    expect(text).toMatch(/first line/);
    expect(text).toMatch(/bytes left out/);
    expect(text).toMatch(/last line/);
    expect(text).toMatch(/"payload":"a.sh"/);
  });

  test("shortens a log that has outgrown the item, and still appends (design 5)", async () => {
    const { realm } = await testRealm(aws());
    const info = "y".repeat(90_000);

    for (let index = 0; index < 8; index += 1) {
      await realm.events.append(run, { status: "logging", info: `${index} ${info}` }, { origin });
    }
    await realm.events.append(run, { status: "complete" }, { origin });

    const record = await realm.events.get(run);
    const infos = (record?.log ?? []).map((entry) => JSON.stringify(entry.info).slice(1, 40));
    expect(record?.status).toBe("complete");
    expect(infos[0]).toMatch(/^0 yyy/);
    expect(infos.some((text) => /events left out/.test(text))).toBe(true);
    expect(infos.at(-2)).toMatch(/^7 yyy/);
  });
});

describe("lists", () => {
  test("show a job's runs, latest first, page after page", async () => {
    const { realm, clock } = await testRealm(aws());
    for (let index = 0; index < 5; index += 1) {
      await realm.events.append(
        { job_id: "a", run_id: `r${index}` },
        { status: "complete" },
        { origin },
      );
      clock.advance(1_000);
    }

    const first = await realm.events.listByJob("a", { limit: 2 });
    const second = await realm.events.listByJob("a", { limit: 2, cursor: first.cursor ?? "" });
    const third = await realm.events.listByJob("a", { limit: 2, cursor: second.cursor ?? "" });

    const ids = [first, second, third].map((page) => page.items.map((item) => item.run_id));
    expect(ids).toEqual([["r4", "r3"], ["r2", "r1"], ["r0"]]);
    expect(third.cursor).toBeUndefined();
  });

  test("can be narrowed by time and status", async () => {
    const { realm, clock } = await testRealm(aws());
    const start = clock.now();
    for (const status of ["complete", "failed", "complete", "failed"] as const) {
      await realm.events.append(
        { job_id: "a", run_id: `${clock.now() - start}` },
        { status },
        { origin },
      );
      clock.advance(1_000);
    }

    const failed = await realm.events.listByJob("a", { status: ["failed"], limit: 10 });
    const late = await realm.events.listByJob("a", { since: start + 2_000 });

    expect(failed.items.map((item) => item.run_id)).toEqual(["3000", "1000"]);
    expect(late.items.map((item) => item.run_id)).toEqual(["3000", "2000"]);
  });

  test("show the latest runs of many jobs", async () => {
    const { realm, clock } = await testRealm(aws());
    for (const job_id of ["a", "b", "c", "a"]) {
      await realm.events.append(
        { job_id, run_id: `${job_id}${clock.now() % 100_000}` },
        { status: "complete" },
        { origin },
      );
      clock.advance(1_000);
    }

    const recent = await realm.events.listRecent(["a", "b", "c"], { limit: 3 });

    expect(recent.map((record) => record.job_id)).toEqual(["a", "c", "b"]);
  });

  test("refuse a cursor that is none", async () => {
    const { realm } = await testRealm(aws());

    await expect(realm.events.listByJob("a", { cursor: "?" })).rejects.toMatchObject({
      code: "BAD_CURSOR",
    });
  });
});
