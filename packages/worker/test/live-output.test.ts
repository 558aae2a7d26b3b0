import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { workerRealm } from "./worker-realm.ts";

test("what a job has printed can be seen while it runs, and the keys of its outputs are as ever", async () => {
  await using setup = await workerRealm();
  const go = join(setup.folder, "go");
  await setup.realm.jobs.put({
    job_id: "slow/job",
    type: "cmd",
    worker: "core",
    enabled: true,
    payload: `sh -c 'echo begun; until test -e ${go}; do sleep 0.05; done; echo ended'`,
  });
  await setup.start();
  const { run_id } = await setup.realm.dispatch({ job_id: "slow/job" });
  const run = { job_id: "slow/job", run_id };
  const { temp } = setup.realm;

  const live = await eventually(() => temp.live.get(run, "stdout"));
  expect(await temp.listOutputs(run)).toEqual([]);
  await writeFile(go, "");
  const ended = await setup.ended(run);

  expect({ ...live, content: Buffer.from(live.content).toString() }).toEqual({
    offset: 0,
    content: "begun\n",
  });
  expect(await temp.live.list(run)).toEqual(["stdout"]);
  expect(Buffer.from((await temp.getOutput(ended, "stdout")) ?? []).toString()).toBe(
    "begun\nended\n",
  );
  expect((await temp.listOutputs(run)).map(({ name }) => name)).toEqual(["stdout"]);
});

test("a job that ends soon uploads nothing but its output", async () => {
  await using setup = await workerRealm({ jobs: [{ job_id: "quick", payload: "echo x" }] });
  await setup.start();

  const run = await setup.run("quick");

  expect(await setup.realm.temp.live.list(run)).toEqual([]);
});
