import { CreateTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { type DataMap, systemClock } from "@lava/core";
import { dispatch, openRealm, type Realm } from "@lava/realm";
import { emulatedRealm } from "@lava/testing";
import { describe, expect, test, vi } from "vitest";
import { recordingLogger, type TestLog } from "../../test/recording-logger.ts";
import { startScheduler } from "./start-scheduler.ts";

const every = (job_id: string, more: DataMap = {}): DataMap => ({
  job_id,
  dispatcher: "main",
  "x-lava-every": "1s",
  ...more,
});

/** A scheduler for the time of a test. */
function schedule(
  realm: Realm,
  hostname = "a",
): AsyncDisposable & { readonly log: TestLog; kill(): void } {
  const stop = new AbortController();
  const { logger, log } = recordingLogger();
  const done = startScheduler({ realm, logger, hostname, signal: stop.signal });
  return {
    log,
    kill: () => {
      stop.abort();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}

const sent = (realm: Realm, job: string) => realm.schedule.slots.list(job, { state: "sent" });

/** Leaves what a leader leaves that has died at a time. */
async function leadUntil(realm: Realm, cursor: number): Promise<void> {
  const lease = realm.schedule.leader("scheduler", "gone", "gone");
  const term = await lease.take(await lease.look());
  if (term === undefined) throw new Error("somebody leads");
  await lease.renew({ ...term, cursor });
  await lease.release({ ...term, cursor });
}

/** A topic, and what it was told so far. */
async function listenTo(realm: Realm, name: string) {
  const [sns, sqs] = [await realm.clients.sns(), await realm.clients.sqs()];
  const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: name }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: "sqs",
      Endpoint: TopicArn.replace(":sns:", ":sqs:"),
      Attributes: { RawMessageDelivery: "true" },
    }),
  );
  const all: Record<string, unknown>[] = [];
  return {
    arn: TopicArn,
    async messages() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      all.push(...Messages.map(({ Body }) => JSON.parse(Body ?? "") as Record<string, unknown>));
      return all;
    },
  };
}

const until = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 8000, interval: 50 });

describe("a scheduler", () => {
  test("dispatches each slot once, with the run id of the slot, beside a standby", async () => {
    await using emulated = await emulatedRealm({ jobs: [every("a/b")] });
    const { realm } = emulated;
    await using first = schedule(realm);
    await using _second = schedule(realm, "b");

    await until(async () => {
      expect((await sent(realm, "a/b")).length).toBeGreaterThanOrEqual(3);
    });
    first.kill();

    const slots = await sent(realm, "a/b");
    const times = slots.map(({ slot }) => slot / 1000).toReversed();
    expect(times).toEqual(times.map((_, index) => (times[0] ?? 0) + index));
    const message = await realm.queue("core").receive({ wait: 1 });
    expect(slots.map(({ run_id }) => run_id)).toContain(JSON.parse(message?.body ?? "{}").run_id);
  });

  test("hands over to the standby when it is stopped, and no slot is lost or doubled", async () => {
    await using emulated = await emulatedRealm({ jobs: [every("a")] });
    const { realm } = emulated;
    const first = schedule(realm);
    await using _second = schedule(realm, "b");
    await until(async () => {
      expect((await sent(realm, "a")).length).toBeGreaterThanOrEqual(1);
    });

    await first[Symbol.asyncDispose]();
    const before = (await sent(realm, "a")).length;
    await until(async () => {
      expect((await sent(realm, "a")).length).toBeGreaterThanOrEqual(before + 2);
    });

    const slots = (await sent(realm, "a")).toReversed();
    expect(slots.map(({ slot }) => slot)).toEqual(
      slots.map((_, index) => (slots[0]?.slot ?? 0) + index * 1000),
    );
    expect(new Set(slots.map(({ epoch }) => epoch)).size).toBe(2);
    expect((await realm.queue("core").depth()).visible).toBe(slots.length);
  });

  test("takes up what is announced: new jobs, pauses, their end", async () => {
    await using emulated = await emulatedRealm();
    const { realm } = emulated;
    await using _scheduler = schedule(realm);
    await realm.jobs.put({
      ...every("a"),
      type: "cmd",
      worker: "core",
      enabled: true,
      payload: null,
    });
    await realm.schedule.announce(["a"]);
    await until(async () => {
      expect((await sent(realm, "a")).length).toBeGreaterThanOrEqual(1);
    });

    await realm.schedule.pause("job/a", "me", "while we look");
    await until(async () => {
      const skipped = await realm.schedule.slots.list("a", { state: "skipped" });
      expect(skipped.map(({ reason }) => reason)).toContain("paused");
    });
    expect(await realm.schedule.resume("job/a")).toBe(true);
    const count = (await sent(realm, "a")).length;
    await until(async () => {
      expect((await sent(realm, "a")).length).toBeGreaterThan(count);
    });
  });

  test("a job whose worker has no queue is missed with a reason; others go on", async () => {
    await using emulated = await emulatedRealm({
      jobs: [every("lost", { worker: "ghost" }), every("good")],
    });
    const { realm } = emulated;
    await using scheduler = schedule(realm);

    const [slot] = await until(async () => {
      const missed = await realm.schedule.slots.list("lost", { state: "missed" });
      expect(missed.length).toBeGreaterThanOrEqual(1);
      expect((await sent(realm, "good")).length).toBeGreaterThanOrEqual(1);
      return missed;
    });

    expect(slot?.reason).toContain("Worker ghost");
    const run = await realm.events.get({ job_id: "lost", run_id: slot?.run_id ?? "" });
    expect(run).toMatchObject({ status: "rejected", extra: { x_state: "missed" } });
    expect(scheduler.log.some(({ level }) => level === "error")).toBe(true);
  });

  test("a bad schedule is told once and stops no other", async () => {
    await using emulated = await emulatedRealm({
      jobs: [
        { job_id: "bad", dispatcher: "main", schedule: ["60 * * * *", "* 31 2 * *"] },
        {
          job_id: "zone",
          dispatcher: "main",
          schedule: "0 6 * * *",
          "x-lava-zone": "Europe/Berlun",
        },
        every("good"),
      ],
    });
    const { realm } = emulated;
    await using scheduler = schedule(realm);

    await until(async () => {
      expect((await sent(realm, "good")).length).toBeGreaterThanOrEqual(1);
    });

    expect(
      scheduler.log.filter(({ level }) => level === "error").map(({ message }) => message),
    ).toEqual(
      expect.arrayContaining([
        'Job bad: Bad schedule entry 1: Bad schedule "60 * * * *": minute "60": 60 is not from 0 to 59',
        "Job zone: Bad schedule: There is no time zone Europe/Berlun",
      ]),
    );
  });

  test("a run that would overlap is skipped with an event, or waits for the one before", async () => {
    await using emulated = await emulatedRealm({
      jobs: [
        every("skip", { "x-lava-overlap": "skip" }),
        every("queue", { "x-lava-overlap": "queue" }),
      ],
    });
    const { realm } = emulated;
    await using _scheduler = schedule(realm);

    await until(async () => {
      const skipped = await realm.schedule.slots.list("skip", { state: "skipped" });
      expect(skipped[0]).toMatchObject({ reason: "overlap" });
      expect(
        (await realm.schedule.slots.list("queue", { state: "pending" })).length,
      ).toBeGreaterThan(0);
    });
    expect((await sent(realm, "skip")).length).toBe(1);
    const [first] = await sent(realm, "queue");
    await realm.events.append(
      { job_id: "queue", run_id: first?.run_id ?? "" },
      { status: "complete" },
      { origin: { worker: "core", hostname: "h" } },
    );
    await until(async () => {
      expect((await sent(realm, "queue")).length).toBe(2);
    });
  });

  test("a slot that a lost leader had entered for a job that was deleted does not come back with the job", async () => {
    await using emulated = await emulatedRealm();
    const { realm } = emulated;
    const slot = Math.floor(systemClock.now() / 1000) * 1000 - 3000;
    await realm.schedule.slots.open({ job_id: "a", slot, worker: "core", epoch: 0 });
    await realm.schedule.announce(["a"]);
    await using _scheduler = schedule(realm);
    await until(async () => {
      expect(await realm.schedule.slots.list("a")).toMatchObject([{ state: "skipped" }]);
    });

    await realm.jobs.put({
      type: "cmd",
      worker: "core",
      enabled: true,
      payload: "-",
      ...every("a"),
    });
    await realm.schedule.announce(["a"]);

    await until(async () => {
      expect((await sent(realm, "a")).length).toBeGreaterThanOrEqual(2);
    });
    expect((await sent(realm, "a")).map((entry) => entry.slot)).not.toContain(slot);
  });

  test("tells the topic of a job once of all runs that an outage cost, and of a run that cannot be sent", async () => {
    await using emulated = await emulatedRealm();
    const { realm } = emulated;
    const topic = await listenTo(realm, "ops");
    for (const [job_id, worker] of [
      ["out", "core"],
      ["lost", "ghost"],
    ] as const) {
      await realm.jobs.put({
        ...every(job_id),
        type: "cmd",
        worker,
        enabled: true,
        payload: "-",
        "x-lava-every": "1m",
        "x-lava-missed-alarm": topic.arn,
      });
    }
    await leadUntil(realm, systemClock.now() - 600_000);
    await using _first = schedule(realm);
    await until(async () => {
      expect((await realm.schedule.slots.list("out", { state: "missed" })).length).toBe(9);
    });
    await using _second = schedule(realm, "b");

    const told = await until(async () => {
      const all = await topic.messages();
      expect(all.length).toBeGreaterThanOrEqual(3);
      return all;
    });

    const [last] = await realm.schedule.slots.list("out", { state: "missed", limit: 1 });
    expect(told.filter(({ job_id }) => job_id === "out")).toEqual([
      {
        event_type: "missed",
        realm: realm.name,
        job_id: "out",
        worker: "core",
        missed: 9,
        last_slot: new Date(last?.slot ?? 0).toISOString(),
        last_run_id: last?.run_id,
        reason: "no scheduler ran; 9 runs of this job were missed",
      },
    ]);
    expect(
      told.filter(({ job_id }) => job_id === "lost").map(({ reason }) => reason),
    ).toContainEqual(expect.stringContaining("Worker ghost"));
  });

  test("a topic that is not there stops no slot, and is logged", async () => {
    await using emulated = await emulatedRealm({
      jobs: [
        every("lost", {
          worker: "ghost",
          "x-lava-missed-alarm": "arn:aws:sns:us-east-1:000000000000:none",
        }),
      ],
    });
    const { realm } = emulated;
    await using scheduler = schedule(realm);

    await until(async () => {
      expect(
        (await realm.schedule.slots.list("lost", { state: "missed" })).length,
      ).toBeGreaterThanOrEqual(2);
    });

    expect(scheduler.log.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^Job lost: no alarm of missed runs: /),
    );
  });

  test("sends a dispatch that was put off for hours once, beside a standby", async () => {
    await using emulated = await emulatedRealm({ jobs: [{ job_id: "a" }] });
    const { realm } = emulated;
    const earlier = await openRealm(realm.name, {
      clients: realm.clients,
      env: {},
      clock: { ...systemClock, now: () => systemClock.now() - 7_200_000 },
    });
    const run = await dispatch("a", { realm: earlier, delay: "2h", key: "k", globals: { n: 1 } });
    await using _first = schedule(realm);
    await using _second = schedule(realm, "b");

    const message = await realm.queue("core").receive({ wait: 10 });

    expect(JSON.parse(message?.body ?? "{}")).toMatchObject({
      run_id: run.run_id,
      globals: { n: 1 },
    });
    await until(async () => {
      expect(await realm.due.list("core")).toEqual({ due: [], next: undefined });
    });
    expect(await realm.queue("core").depth()).toMatchObject({ visible: 0, hidden: 1 });
  });

  test("sends what is due, for a worker that is not there", async () => {
    await using emulated = await emulatedRealm();
    const { realm } = emulated;
    await realm.due.put({
      worker: "core",
      job_id: "d",
      run_id: "r",
      body: "{}",
      due: systemClock.now(),
    });
    await using _scheduler = schedule(realm);

    expect((await realm.queue("core").receive({ wait: 8 }))?.body).toBe("{}");
  });
});
