import { randomUUID } from "node:crypto";
import { UNROUTABLE_JOB_ID } from "@lava/spec";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { workerRealm, type WorkerRealm } from "./worker-realm.ts";

const errors = ({ logs }: WorkerRealm): string[] =>
  logs.filter(({ level }) => level === "error").map(({ message }) => message);

test("a body that names no run is deleted and recorded under lava/unroutable (WF-116)", async () => {
  await using setup = await workerRealm();
  const worker = await setup.start();
  const settled: string[] = [];
  worker.events.on("settled", ({ how }) => settled.push(how));

  const { message_id } = await setup.realm.queue("core").sendBody("{no json");
  const run = await setup.ended({ job_id: UNROUTABLE_JOB_ID, run_id: message_id });

  expect(run.status).toBe("rejected");
  expect(run.extra["x_reason"]).toBe("malformed");
  expect(run.log[0]?.info).toMatch(/^Malformed dispatch message: .*: \{no json$/s);
  expect(errors(setup)[0]).toMatch(/^Malformed dispatch message: /);
  await eventually(() => settled.length === 1);
  expect(settled).toEqual(["deleted"]);
  await eventually(async () => (await setup.messages()) === 0);
});

test("a message that cannot be carried out is rejected with its reason (WK-027, WK-031 to WK-038, WK-042, T-81, OPS-142, CLI-194)", async () => {
  await using setup = await workerRealm({
    workers: ["core", "other"],
    jobs: [
      { job_id: "fine", payload: "true" },
      { job_id: "moved", payload: "true", worker: "other" },
      { job_id: "reserved", payload: "true", globals: { lava_x: 1 } },
    ],
  });
  await setup.start();
  const send = async (fields: Record<string, unknown>): Promise<string> => {
    const run_id = randomUUID();
    const message = {
      realm: setup.realm.name,
      worker: "core",
      job_id: "fine",
      run_id,
      ts_dispatch: "2026-11-23T18:47:15+11:00",
      ...fields,
    };
    await setup.realm.queue("core").sendBody(JSON.stringify(message));
    const run = await setup.ended({ job_id: message.job_id, run_id });
    expect(run.status).toBe("rejected");
    expect(run.log.map(({ status }) => status)).toEqual(["rejected"]);
    return String(run.log[0]?.info);
  };

  expect(await send({ extra: 1 })).toBe("Malformed dispatch message: Unexpected keys: extra");
  expect(await send({ ts_dispatch: "soon" })).toMatch(/^Bad timestamp in dispatch message: /);
  expect(await send({ realm: "x" })).toBe(`Realm mismatch: Expected ${setup.realm.name} but got x`);
  expect(await send({ worker: "x" })).toBe("Worker mismatch: Expected core but got x");
  expect(await send({ job_id: "gone" })).toBe("No such job");
  expect(await send({ job_id: "moved" })).toBe("Worker mismatch: Expected core but got other");
  expect(await send({ job_id: "reserved" })).toBe("Reserved global: lava_x");
  expect(await send({ globals: { lava: { master_start: "x" } } })).toBe(
    "master_start: Bad timestamp: x",
  );
  expect(errors(setup)).toContainEqual(expect.stringMatching(/^Job gone \(.*\): No such job$/));
  expect(errors(setup)).toContainEqual(
    expect.stringMatching(/^Bad dispatch for job fine \(.*\): Worker mismatch: /),
  );
  await eventually(async () => (await setup.messages()) === 0);
});

test("a message that came too often is rejected (WK-005, WK-037, OPS-125, OPS-143, CLI-188)", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "tries", payload: "true", max_tries: 1 },
      { job_id: "plain", payload: "true" },
    ],
  });
  const queue = setup.realm.queue("core");
  const receiveTwice = async (job_id: string): Promise<string> => {
    const { run_id } = await setup.realm.dispatch({ job_id });
    for (let n = 0; n < 2; n += 1)
      await eventually(() => queue.receive({ visibility: 0, wait: 1 }));
    return run_id;
  };
  const tries = await receiveTwice("tries");
  await setup.start({ retries: 1 });
  const plain = { job_id: "plain", run_id: randomUUID() };

  const run = await setup.ended({ job_id: "tries", run_id: tries });

  expect(run.extra["x_reason"]).toMatch(/^(max_tries|retry_limit)$/);
  expect(await setup.realm.events.get(plain)).toBeUndefined();
});

test("a full temp area gives the run back, and it runs when there is room (bad input)", async () => {
  await using setup = await workerRealm({ jobs: [{ job_id: "j", payload: "true" }] });
  let isFull = true;
  const { openTempArea } = await import("../src/job-tmpdir.ts");
  const area = await openTempArea(`${setup.folder}/lava/own`);
  const full = Object.assign(new Error("ENOSPC: no space left on device, mkdir"), {
    code: "ENOSPC",
  });
  const worker = await setup.start({
    temp: { ...area, open: (id) => (isFull ? Promise.reject(full) : area.open(id)) },
    tempFullDelay: 0,
  });
  const kinds: string[] = [];
  worker.events.on("interrupted", ({ reason }) => {
    kinds.push(reason);
    isFull = false;
  });

  const run = await setup.run("j");

  expect(kinds).toEqual(["temp_full"]);
  expect(run.log.map(({ status }) => status)).toEqual([
    ...["starting", "retrying"],
    ...["starting", "running", "complete"],
  ]);
  expect(run.log[1]?.info).toMatch(/^The temp area is full: ENOSPC/);
  await eventually(async () => (await setup.messages()) === 0);
});
