import { expect, test } from "vitest";
import { testRealm } from "../../test/fixture.ts";
import { lossyProxy } from "../../test/lossy-proxy.ts";
import { sharedAws } from "../../test/suite.ts";
import { createAwsClients } from "../clients.ts";
import { openRealm } from "../realm.ts";

const aws = sharedAws();
const origin = { worker: "core", hostname: "vm" };
const run = { job_id: "etl/load", run_id: "r1" };

/** A realm seen through a proxy that loses answers, with a worker's lease. */
async function setUp() {
  const stack = new AsyncDisposableStack();
  const { realm: direct, clock } = await testRealm(aws());
  const { settings } = direct.clients;
  const proxy = stack.use(await lossyProxy(settings.endpoint ?? ""));
  const clients = stack.use(createAwsClients({ ...settings, endpoints: { DYNAMODB: proxy.url } }));
  const realm = await openRealm(direct.name, { clients, env: {}, clock });
  const lease = realm.runs.lease({ origin, process: "p1" });
  await lease.start();
  const claim = (again = false) =>
    realm.runs.claim(run, {
      ...{ holder: lease.holder, origin, events: [{ status: "starting" }] },
      ...(again ? { again: () => Promise.resolve(true) } : {}),
    });
  const endLease = () => lease.end();
  return { realm, proxy, claim, endLease, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test("a claim whose answer was lost is still ours, and written once", async () => {
  await using lossy = await setUp();
  const { realm, proxy, claim } = lossy;
  proxy.loseNext("UpdateItem");

  const result = await claim();

  const record = await realm.events.get(run);
  expect(proxy.lost).toBe(1);
  expect(result).toMatchObject({ outcome: "claimed", run: { epoch: 1, attempt: 1 } });
  expect(record?.log.map((entry) => entry.status)).toEqual(["starting"]);
});

test("events and the end of a run whose answers were lost are written once (nothing is reported twice)", async () => {
  await using lossy = await setUp();
  const { realm, proxy, claim } = lossy;
  const result = await claim();
  if (result.outcome !== "claimed") throw new Error("not claimed");

  proxy.loseNext("UpdateItem");
  await result.run.append({ status: "running", info: "Iteration 1" });
  proxy.loseNext("UpdateItem");
  await result.run.finish({ status: "complete" });

  const record = await realm.events.get(run);
  expect(proxy.lost).toBe(2);
  expect(record?.log.map((entry) => entry.status)).toEqual(["starting", "running", "complete"]);
});

test("a write that is given up by the client and repeated counts once (its token stays)", async () => {
  await using lossy = await setUp();
  const { realm, proxy, claim } = lossy;
  const attempts = 3; // the SDK's own
  proxy.loseNext("UpdateItem", attempts);

  const result = await claim(true);
  if (result.outcome !== "claimed") throw new Error("not claimed");
  proxy.loseNext("UpdateItem", attempts);
  await result.run.finish({ status: "complete" }, { actions: true });

  const record = await realm.events.get(run);
  expect(proxy.lost).toBe(2 * attempts);
  expect(result.run).toMatchObject({ epoch: 1, attempt: 1 });
  expect(record?.log.map((entry) => entry.status)).toEqual(["starting", "complete"]);
});

test("a takeover of actions whose answer was lost still knows that only they are left", async () => {
  await using lossy = await setUp();
  const { realm, proxy, claim } = lossy;
  const first = await claim();
  if (first.outcome !== "claimed") throw new Error("not claimed");
  await first.run.finish({ status: "complete", info: { exit_status: 0 } }, { actions: true });
  const other = realm.runs.lease({ origin, process: "p2" });
  await other.start();
  await first.run.noteAction("on_success-0", "done");
  await lossy.endLease();
  const takeOver = realm.runs.claim(run, {
    ...{ holder: other.holder, origin, again: () => Promise.resolve(true) },
  });
  proxy.loseNext("UpdateItem", 6);

  const second = await takeOver;

  expect(second).toMatchObject({
    outcome: "claimed",
    run: { finished: { status: "complete", actions: { "on_success-0": "done" } } },
  });
});
