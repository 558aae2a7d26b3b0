import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { recordingLogger, testRealm } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";
import { createAwsClients } from "../clients.ts";
import { createRealmResources } from "../provision/provision.ts";
import { openWorkerQueue } from "./worker-queue.ts";

const aws = sharedAws();
const message = {
  realm: "dev",
  worker: "core",
  job_id: "t/cmd",
  run_id: "ed15497e-c8c9-4bf4-abdf-21b90037971c",
  ts_dispatch: "2026-11-23T18:47:15+11:00",
};

describe("a queue", () => {
  test("hands one message out, hides it, and forgets it when deleted (WK-020)", async () => {
    const { realm } = await testRealm(aws());
    const queue = realm.queue("core");
    const { message_id } = await queue.send(message);

    const received = await queue.receive({ wait: 1 });
    const depth = await queue.depth();
    await queue.delete(received?.receipt ?? "");

    expect(received).toMatchObject({ message_id, receives: 1 });
    expect(received?.body).toBe(
      '{"realm": "dev", "worker": "core", "job_id": "t/cmd", ' +
        '"run_id": "ed15497e-c8c9-4bf4-abdf-21b90037971c", "ts_dispatch": "2026-11-23T18:47:15+11:00"}',
    );
    expect(depth).toEqual({ visible: 0, hidden: 1, delayed: 0 });
    expect(await queue.depth()).toEqual({ visible: 0, hidden: 0, delayed: 0 });
  });

  test("gives a message out again when its time is up, and counts", async () => {
    const { realm } = await testRealm(aws());
    const queue = realm.queue("core");
    await queue.send(message);
    const first = await queue.receive({ wait: 1 });
    expect(await queue.extend(first?.receipt ?? "", 0)).toBe(true);

    const second = await queue.receive({ wait: 1 });

    expect(second).toMatchObject({ message_id: first?.message_id, receives: 2 });
  });

  test("keeps a delayed message back", async () => {
    const { realm } = await testRealm(aws());
    const queue = realm.queue("core");

    await queue.send(message, { delay: 600 });

    expect(await queue.receive({ wait: 0 })).toBeUndefined();
    expect(await queue.depth()).toMatchObject({ visible: 0, delayed: 1 });
  });

  test("stops waiting when it is told to", async () => {
    const { realm } = await testRealm(aws());
    const stop = new AbortController();

    const waiting = realm.queue("core").receive({ wait: 20, signal: stop.signal });
    stop.abort();

    expect(await waiting).toBeUndefined();
  });

  test("that does not exist says whose it would be", async () => {
    const { realm } = await testRealm(aws());

    await expect(realm.queue("ghost").send(message)).rejects.toMatchObject({
      code: "NO_SUCH_QUEUE",
      message: expect.stringContaining(`lava-${realm.name}-ghost`),
    });
  });

  test("refuses a message that SQS would refuse (WF-076)", async () => {
    const { realm } = await testRealm(aws());

    const sent = realm.queue("core").send({ ...message, parameters: { x: "y".repeat(262_144) } });

    await expect(sent).rejects.toMatchObject({ code: "MESSAGE_TOO_LARGE" });
  });
});

test("a role that may not change visibility is told of once, and not asked again (design 5)", async () => {
  let asked = 0;
  const server = createServer((request, response) => {
    const denied = String(request.headers["x-amz-target"]).endsWith("ChangeMessageVisibility");
    asked += denied ? 1 : 0;
    response.writeHead(denied ? 403 : 200, { "content-type": "application/x-amz-json-1.0" });
    response.end(
      JSON.stringify(
        denied
          ? { __type: "com.amazon.coral.service#AccessDeniedException", message: "not authorized" }
          : { QueueUrl: "http://127.0.0.1/1/q" },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await using _ = server;
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await using clients = createAwsClients({
    region: "local",
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  const { logger, log } = recordingLogger();
  const owner = { realm: "dev", worker: "core" };
  const queue = openWorkerQueue({ name: "lava-dev-core", owner, clients, logger });

  const results = [await queue.extend("r", 60), await queue.extend("r", 60)];

  expect(results).toEqual([false, false]);
  expect(asked).toBe(1);
  expect(log.filter((entry) => entry.level === "warn")).toHaveLength(1);
});

test("the workers of a realm are those that have a queue", async () => {
  const { realm } = await testRealm(aws());
  await createRealmResources(realm.clients, {
    realm: realm.name,
    workers: ["second", "a-b"],
    bucket: `lava-test-${realm.name}`,
  });

  expect(await realm.listWorkers()).toEqual(["a-b", "core", "second"]);
});
