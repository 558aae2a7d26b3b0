import type { DataMap } from "@lava/core";
import type { Realm } from "@lava/realm";
import { emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
import { testConfig, testProject } from "../../test/test-project.ts";
import { deployPlan } from "./deploy.ts";
import { listDeployments, loadDeployment } from "./deployments.ts";
import { planDeployment } from "./plan.ts";
import { rollbackPlan } from "./rollback.ts";
import type { DeployResult, Plan } from "./types.ts";

const by = { user: "tester", host: "test-host" };
const job = (id: string, command = "echo"): string =>
  `job_id: app/test/${id}\ndescription: d\nowner: o\nenabled: true\nworker: core\ntype: cmd\npayload: ${command}\n`;

/** A project whose second state makes, changes and removes one job each, and changes a payload. */
async function setUp() {
  const emulated = await emulatedRealm();
  const { realm } = emulated;
  const files = testProject({
    "config/dev.yaml": testConfig(realm.name),
    "lava-jobs/changed.yaml": job("changed"),
    "lava-jobs/gone.yaml": job("gone"),
    "lava-payloads/p.sh": "one\n",
  });
  const plan = async (): Promise<Plan> =>
    planDeployment(await files.build("dev"), realm, { prune: true });
  expect((await deployPlan(await plan(), realm, { by })).ok).toBe(true);
  files.write("lava-jobs/changed.yaml", job("changed", "date"));
  files.write("lava-jobs/made.yaml", job("made"));
  files.remove("lava-jobs/gone.yaml");
  files.write("lava-payloads/p.sh", "two\n");
  return {
    realm,
    plan: await plan(),
    load: async () => {
      const [newest = ""] = await listDeployments(realm, "test-project", "dev");
      return loadDeployment(realm, "test-project", "dev", newest);
    },
    payload: async () => new TextDecoder().decode(await realm.payloads.get("app/test/p.sh")),
    ids: async () => (await realm.jobs.listItems()).map((item) => item["job_id"]).toSorted(),
    async [Symbol.asyncDispose]() {
      files[Symbol.dispose]();
      await emulated[Symbol.asyncDispose]();
    },
  };
}

function effects({ steps }: Pick<DeployResult, "steps">): (string | undefined)[][] {
  return steps.map(({ id, outcome, effect }) => [id, outcome, effect]).toSorted();
}

/** What a plan makes of a job. */
function planned({ items }: Plan, id: string): DataMap {
  return { ...items.find((item) => item.id === id)?.after };
}

test("the record tells what each step changed (FW-242)", async () => {
  await using lab = await setUp();

  const result = await deployPlan(lab.plan, lab.realm, { by });

  const expected = [
    ["app/test/changed", "done", "replaced"],
    ["app/test/gone", "done", "deleted"],
    ["app/test/made", "done", "created"],
    ["app/test/p.sh", "done", "replaced"],
  ];
  expect(effects(result)).toEqual(expected);
  expect(effects(await lab.load())).toEqual(expected);
  expect(await lab.realm.payloads.list("__fwk__/effects/")).toEqual([]);
});

test("a rollback leaves what the deployment found done by others, or left to them", async () => {
  await using lab = await setUp();
  // Somebody makes what is planned, and changes what is to be replaced.
  await lab.realm.jobs.put(planned(lab.plan, "app/test/made"));
  const theirs = { ...planned(lab.plan, "app/test/changed"), payload: "theirs" };
  await lab.realm.jobs.put(theirs);

  const result = await deployPlan(lab.plan, lab.realm, { by });
  const back = await rollbackPlan(await lab.load(), lab.realm, { force: true });

  expect(effects(result)).toEqual([
    ["app/test/changed", "conflict", "left"],
    ["app/test/gone", "done", "deleted"],
    ["app/test/made", "already", "left"],
    ["app/test/p.sh", "done", "replaced"],
  ]);
  expect(back.refused).toEqual([]);
  expect(back.items.map(({ action, id }) => [action, id])).toEqual([["create", "app/test/gone"]]);
  expect((await deployPlan(back, lab.realm, { by })).ok).toBe(true);
  expect(await lab.ids()).toEqual(["app/test/changed", "app/test/gone", "app/test/made"]);
  expect(await lab.realm.jobs.getItem("app/test/changed")).toMatchObject({ payload: "theirs" });
  expect(await lab.payload()).toBe("one\n");
});

test("what an interrupted deployment had not come to is not undone, though others did the same since", async () => {
  await using lab = await setUp();
  const interrupt = new AbortController();
  const result = await deployPlan(lab.plan, lab.realm, {
    by,
    signal: interrupt.signal,
    onProgress: () => {
      interrupt.abort();
    },
  });
  await lab.realm.jobs.put(planned(lab.plan, "app/test/made"));
  await lab.realm.jobs.put(planned(lab.plan, "app/test/changed"));
  await lab.realm.jobs.delete("app/test/gone");

  const back = await rollbackPlan(await lab.load(), lab.realm);

  expect(effects(result)).toEqual([
    ["app/test/changed", "not_tried", "left"],
    ["app/test/gone", "not_tried", "left"],
    ["app/test/made", "not_tried", "left"],
    ["app/test/p.sh", "done", "replaced"],
  ]);
  expect([back.items, back.refused]).toEqual([[], []]);
  expect(back.payloads).toMatchObject([{ action: "update", key: "app/test/p.sh" }]);
  expect((await deployPlan(back, lab.realm, { by })).ok).toBe(true);
  expect(await lab.ids()).toEqual(["app/test/changed", "app/test/made"]);
});

test("of a deployment that stands still or was killed, it is known which steps it has begun", async () => {
  await using lab = await setUp();
  const reached = Promise.withResolvers<void>();
  const resume = Promise.withResolvers<void>();
  // It writes one job, and is about to delete another.
  const held: Realm = {
    ...lab.realm,
    jobs: {
      ...lab.realm.jobs,
      async delete(...args) {
        reached.resolve();
        await resume.promise;
        return await lab.realm.jobs.delete(...args);
      },
    },
  };
  const running = deployPlan(lab.plan, held, { by });
  await reached.promise;

  const deployment = await lab.load();
  const untouched = await rollbackPlan(deployment, lab.realm);
  // Its last request may have come through.
  await lab.realm.jobs.delete("app/test/gone");
  const gone = await rollbackPlan(deployment, lab.realm);
  resume.resolve();
  await running;

  expect(deployment.state).toBe("running");
  expect(effects(deployment)).toEqual([
    ["app/test/changed", "done", "replaced"],
    ["app/test/gone", "begun", "unknown"],
    ["app/test/made", "done", "created"],
    ["app/test/p.sh", "done", "replaced"],
  ]);
  expect(untouched.items.map(({ id }) => id).toSorted()).toEqual([
    "app/test/changed",
    "app/test/made",
  ]);
  expect(gone.items.map(({ id }) => id).toSorted()).toEqual([
    "app/test/changed",
    "app/test/gone",
    "app/test/made",
  ]);
});

test("the same plan carried out again is undone with what was done of it before", async () => {
  await using lab = await setUp();
  const interrupt = new AbortController();
  await deployPlan(lab.plan, lab.realm, {
    by,
    signal: interrupt.signal,
    onProgress: () => {
      interrupt.abort();
    },
  });

  const again = await deployPlan(lab.plan, lab.realm, { by });
  const back = await rollbackPlan(await lab.load(), lab.realm);

  expect(effects(again)).toContainEqual(["app/test/p.sh", "already", "replaced"]);
  expect((await deployPlan(back, lab.realm, { by })).ok).toBe(true);
  expect(await lab.ids()).toEqual(["app/test/changed", "app/test/gone"]);
  expect(await lab.payload()).toBe("one\n");
});
