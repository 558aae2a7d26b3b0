import { expect, test } from "vitest";
import { fakeClock, testRealm } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";
import { dispatch, runIdOfKey } from "../index.ts";
import type { Realm } from "../realm.ts";

const aws = sharedAws();
const job = { job_id: "t/cmd", type: "cmd", worker: "core", payload: "true", enabled: true };

async function received(realm: Realm): Promise<Record<string, unknown>[]> {
  const bodies: Record<string, unknown>[] = [];
  for (;;) {
    const message = await realm.queue("core").receive({ wait: bodies.length === 0 ? 1 : 0 });
    if (message === undefined) return bodies;
    await realm.queue("core").delete(message.receipt);
    const body: Record<string, unknown> = JSON.parse(message.body);
    bodies.push(body);
  }
}

test("an application dispatches by the name of a realm", async () => {
  const { realm } = await testRealm(aws());
  await realm.jobs.put(job);

  const sent = await dispatch("t/cmd", {
    realm: realm.name,
    env: aws().environment,
    globals: { day: "mon" },
  });

  expect(sent).toMatchObject({ worker: "core", repeated: false, due: undefined });
  expect(await received(realm)).toEqual([
    expect.objectContaining({ run_id: sent.run_id, globals: { day: "mon" } }),
  ]);
  expect(await realm.events.get(sent)).toBeUndefined();
});

test("the same key is the same run, sent once, and the sender is told", async () => {
  const { realm } = await testRealm(aws());
  await realm.jobs.put(job);
  const send = (globals = { b: { d: 1, c: 2 }, a: 1 }) =>
    dispatch("t/cmd", { realm, key: "order 17", globals });

  const first = await send();
  const second = await send({ a: 1, b: { c: 2, d: 1 } });

  expect(first).toMatchObject({
    repeated: false,
    run_id: runIdOfKey(realm.name, "t/cmd", "order 17"),
  });
  expect(second).toEqual({ ...first, repeated: true });
  expect(await received(realm)).toHaveLength(1);
  expect((await dispatch("t/cmd", { realm, key: "order 18" })).run_id).not.toBe(first.run_id);
});

test("twenty senders with one key at the same time are one message", async () => {
  const { realm } = await testRealm(aws());
  await realm.jobs.put(job);

  const sent = await Promise.all(
    Array.from({ length: 20 }, () => dispatch("t/cmd", { realm, key: "k" })),
  );

  expect(sent.filter(({ repeated }) => !repeated)).toHaveLength(1);
  expect(new Set(sent.map(({ run_id }) => run_id)).size).toBe(1);
  // Who comes while the first one is sending sends as well, lest the first one died: one run all the same.
  expect(new Set((await received(realm)).map(({ run_id }) => run_id)).size).toBe(1);
});

test("a key with other parameters is refused and names the run", async () => {
  const { realm } = await testRealm(aws());
  await realm.jobs.put(job);
  const { run_id } = await dispatch("t/cmd", { realm, key: "k", globals: { n: 1 } });

  await expect(dispatch("t/cmd", { realm, key: "k", globals: { n: 2 } })).rejects.toMatchObject({
    code: "KEY_REUSED",
    message: expect.stringContaining(run_id),
  });
});

test("a sender that died before its message was sent is made up for by the next with the key", async () => {
  const { realm } = await testRealm(aws());
  await realm.jobs.put({ ...job, worker: "later" });
  await expect(dispatch("t/cmd", { realm, key: "k" })).rejects.toMatchObject({
    code: "NO_SUCH_QUEUE",
  });
  expect(
    await realm.events.get({ job_id: "t/cmd", run_id: runIdOfKey(realm.name, "t/cmd", "k") }),
  ).toMatchObject({ extra: { x_sending: { state: "pending" } } });
  await realm.jobs.put(job);

  const sent = await dispatch("t/cmd", { realm, key: "k" });

  expect(sent).toMatchObject({ repeated: true, worker: "core" });
  expect(await received(realm)).toMatchObject([{ run_id: sent.run_id, worker: "core" }]);
});

test("a run whose worker began it with nothing noted is not sent again", async () => {
  const { realm } = await testRealm(aws());
  await realm.jobs.put(job);
  const run = { job_id: "t/cmd", run_id: runIdOfKey(realm.name, "t/cmd", "k") };
  await realm.events.append(
    run,
    { status: "running", info: null },
    { origin: { worker: "core", hostname: "h" } },
  );

  expect(await dispatch("t/cmd", { realm, key: "k" })).toMatchObject({ repeated: true });
  expect(await received(realm)).toEqual([]);
});

test("what a queue cannot hold back is kept for the scheduler, and is not late when it is received", async () => {
  const { realm, clock } = await testRealm(aws());
  await realm.jobs.put(job);

  const sent = await dispatch("t/cmd", { realm, delay: "2h", key: "k", globals: { n: 1 } });
  const again = await dispatch("t/cmd", { realm, delay: "3h", key: "k", globals: { n: 1 } });

  expect(sent.due).toBe("2026-11-23T09:47:15.000Z");
  expect(again).toMatchObject({ due: sent.due, repeated: true });
  expect(await received(realm)).toEqual([]);
  clock.advance(7_199_000);
  expect(await realm.due.list("core")).toMatchObject({ due: [] });
  clock.advance(1000);
  const { due } = await realm.due.list("core");
  expect(due.map(({ body }): unknown => JSON.parse(body))).toMatchObject([
    { run_id: sent.run_id, globals: { n: 1 }, ts_dispatch: expect.stringContaining("09:47:15") },
  ]);
});

test.each([
  ["a delay beyond 30 days", { delay: "31d" }, "BAD_DELAY"],
  ["a delay below zero", { delay: "-1s" }, "BAD_DELAY"],
  ["a delay that is none", { delay: "soon" }, "BAD_DELAY"],
  ["a deadline in the past", { deadline: 1 }, "BAD_DEADLINE"],
  [
    "a deadline before the run",
    { delay: "2h", deadline: fakeClock().now() + 1000 },
    "BAD_DEADLINE",
  ],
  ["a misspelt parameter", { parameters: { agrs: [] } }, "BAD_DISPATCH_INPUT"],
  ["a worker without a queue", { delay: "1h", worker: "ghost" }, "NO_SUCH_QUEUE"],
  [
    "a message that is too large",
    { delay: "1h", globals: { long: "x".repeat(300_000) } },
    "MESSAGE_TOO_LARGE",
  ],
])("%s is refused before anything is kept", async (_, request, code) => {
  const { realm, clock } = await testRealm(aws());
  await realm.jobs.put(job);

  await expect(dispatch("t/cmd", { realm, ...request })).rejects.toMatchObject({ code });

  clock.advance(40 * 24 * 3_600_000);
  expect((await realm.due.list("core")).due).toEqual([]);
});

test("jobs that are not there or not enabled are refused, unless they are wanted all the same", async () => {
  const { realm } = await testRealm(aws());
  await realm.jobs.put({ ...job, enabled: false });

  await expect(dispatch("nope", { realm })).rejects.toMatchObject({ code: "NO_SUCH_JOB" });
  await expect(dispatch("t/cmd", { realm })).rejects.toMatchObject({ code: "JOB_DISABLED" });
  expect(await dispatch("t/cmd", { realm, requireEnabled: false })).toMatchObject({
    worker: "core",
  });
  expect(await dispatch("nope", { realm, worker: "core" })).toMatchObject({ worker: "core" });
});
