import { openRealm } from "@lava/realm";
import { expect, test } from "vitest";
import { emulatedAws } from "./aws.ts";
import { fakeClock } from "./fake-clock.ts";
import { emulatedRealm } from "./realm.ts";

test("an emulated realm has what it was given, and a queue for each worker", async () => {
  await using emulated = await emulatedRealm({
    workers: ["core", "extra"],
    jobs: [{ job_id: "hello", payload: "echo hello" }],
    connections: [{ conn_id: "db", type: "sqlite3" }],
    s3triggers: [{ trigger_id: "t", bucket: "b", prefix: "*", job_id: "hello", enabled: true }],
    state: { last: { n: 1 } },
    payloads: { "etl/load.sh": "echo 1" },
    record: { config: { EVENT_TTL: "3d" } },
  });
  const { realm } = emulated;

  const { worker } = await realm.dispatch({ job_id: "hello" });

  expect(worker).toBe("core");
  expect(await realm.queue("core").depth()).toMatchObject({ visible: 1 });
  expect(await realm.queue("extra").depth()).toMatchObject({ visible: 0 });
  expect(await realm.connections.get("db")).toMatchObject({ enabled: true });
  expect((await realm.s3triggers.list()).map((trigger) => trigger.trigger_id)).toEqual(["t"]);
  expect((await realm.state.get("last"))?.value).toEqual({ n: 1 });
  expect((await realm.payloads.list()).map((object) => object.name)).toEqual(["etl/load.sh"]);
  expect(realm.config.EVENT_TTL).toBe("3d");
});

test("several realms share an endpoint", async () => {
  await using aws = await emulatedAws();
  await using first = await emulatedRealm({ aws, jobs: [{ job_id: "a" }] });
  await using second = await emulatedRealm({ aws, jobs: [{ job_id: "b" }] });

  const again = await openRealm(first.realm.name, { clients: aws.clients, env: {} });

  expect((await again.jobs.list()).map((job) => job.job_id)).toEqual(["a"]);
  expect((await second.realm.jobs.list()).map((job) => job.job_id)).toEqual(["b"]);
  expect(first.environment).toMatchObject({ LAVA_REALM: first.realm.name });
});

test("a fake clock moves when it is told to, and when it sleeps", async () => {
  const clock = fakeClock(1_000);

  clock.advance(500);
  await clock.sleep(250);

  expect(clock.now()).toBe(1_750);
  await expect(clock.sleep(1, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
});
