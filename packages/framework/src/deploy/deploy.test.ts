import { existsSync } from "node:fs";
import { emulatedRealm } from "@lava/testing";
import { describe, expect, test } from "vitest";
import { testConfig, testProject } from "../../test/test-project.ts";
import { deployPlan } from "./deploy.ts";
import { planDeployment } from "./plan.ts";
import { uninstallPlan } from "./uninstall.ts";

const JOB = `job_id: app/test/hello
description: d
owner: o
enabled: true
worker: core
type: exe
payload: app/test/hello.sh
parameters:
  timeout: 1m
`;

async function setUp() {
  const emulated = await emulatedRealm();
  const { realm } = emulated;
  const files = testProject({
    "lava-connections/db.yaml":
      "conn_id: app/test/db\ntype: sqlite3\nenabled: true\nhost: a.sqlite\nport: 0\ndescription: d\nowner: o\n",
    "lava-jobs/hello.yaml": JOB,
    "lava-payloads/hello.sh": "#!/bin/sh\n",
    "lava-payloads/r.rsc/a.txt": "<{ env }>\n",
    "config/dev.yaml": testConfig(realm.name),
  });
  const plan = async (options: Parameters<typeof planDeployment>[2] = {}) =>
    planDeployment(
      await files.build("dev", {
        realmInfo: { record: realm.record.raw, workers: await realm.listWorkers() },
      }),
      realm,
      options,
    );
  return {
    realm,
    files,
    plan,
    async deploy(options: Parameters<typeof planDeployment>[2] = {}) {
      const planned = await plan(options);
      return { plan: planned, result: await deployPlan(planned, realm) };
    },
    async [Symbol.asyncDispose]() {
      files[Symbol.dispose]();
      await emulated[Symbol.asyncDispose]();
    },
  };
}

describe("deploy", () => {
  test("creates everything, payloads first, and then has nothing to do", async () => {
    await using lab = await setUp();

    const { plan, result } = await lab.deploy();

    expect(plan.items.map(({ action, kind, id }) => [action, kind, id])).toEqual([
      ["create", "connection", "app/test/db"],
      ["create", "job", "app/test/hello"],
    ]);
    expect(result).toMatchObject({ ok: true, backup: undefined });
    expect(result.steps.map(({ kind }) => kind)).toEqual([
      "payload",
      "payload",
      "connection",
      "job",
    ]);
    expect((await lab.realm.payloads.list("app/test/")).map(({ name }) => name)).toEqual([
      "app/test/hello.sh",
      "app/test/r.rsc/a.txt",
    ]);
    expect(await lab.realm.jobs.getItem("app/test/hello")).toMatchObject({
      "x-lava-project": "test-project",
      parameters: { timeout: "1m" },
    });
    expect(await lab.plan()).toMatchObject({
      items: [],
      payloads: [],
      unchanged: { items: 2, payloads: 2 },
    });
  });

  test("shows updates field by field and keeps what it replaces", async () => {
    await using lab = await setUp();
    await lab.deploy();
    lab.files.write("lava-jobs/hello.yaml", JOB.replace("1m", "2m"));
    lab.files.write("lava-payloads/hello.sh", "#!/bin/sh\necho changed\n");

    const { plan, result } = await lab.deploy();

    expect(plan.items).toMatchObject([
      {
        action: "update",
        changes: [{ path: ["parameters", "timeout"], before: "1m", after: "2m" }],
      },
    ]);
    expect(plan.payloads).toMatchObject([{ action: "update", key: "app/test/hello.sh" }]);
    expect(result.ok).toBe(true);
    expect(result.backup !== undefined && existsSync(result.backup)).toBe(true);
    expect(existsSync(result.record)).toBe(true);
  });

  test("leaves alone what changed since the plan, reports it, does the rest, and can run again", async () => {
    await using lab = await setUp();
    await lab.deploy();
    lab.files.write("lava-jobs/hello.yaml", JOB.replace("1m", "2m"));
    lab.files.write("lava-jobs/new.yaml", JOB.replace("/hello\n", "/new\n"));
    const plan = await lab.plan();
    const before = await lab.realm.jobs.getItem("app/test/hello");
    await lab.realm.jobs.put({ ...before, description: "by hand" });

    const first = await deployPlan(plan, lab.realm);
    const second = await deployPlan(plan, lab.realm);

    expect(first.ok).toBe(false);
    expect(first.steps.map(({ id, outcome }) => [id, outcome]).sort()).toEqual([
      ["app/test/hello", "conflict"],
      ["app/test/new", "done"],
    ]);
    expect(await lab.realm.jobs.getItem("app/test/hello")).toMatchObject({
      description: "by hand",
    });
    expect(second.steps.map(({ id, outcome }) => [id, outcome]).sort()).toEqual([
      ["app/test/hello", "conflict"],
      ["app/test/new", "already"],
    ]);
  });

  test("deletes only what it owns, and only with prune (FW-127, FW-247)", async () => {
    await using lab = await setUp();
    await lab.deploy();
    await lab.realm.jobs.put({
      job_id: "app/test/by-hand",
      type: "cmd",
      worker: "core",
      enabled: true,
    });
    await lab.realm.payloads.put("app/test/by-hand.sh", "x");
    lab.files.remove("lava-jobs/hello.yaml");
    lab.files.remove("lava-payloads/r.rsc");

    const kept = await lab.plan();
    const { result } = await lab.deploy({ prune: true });

    expect(kept.items).toEqual([]);
    expect(kept.orphans).toEqual([
      { kind: "job", id: "app/test/hello" },
      { kind: "payload", id: "app/test/r.rsc/a.txt" },
    ]);
    expect(result.ok).toBe(true);
    expect((await lab.realm.jobs.listItems()).map((item) => item["job_id"])).toEqual([
      "app/test/by-hand",
    ]);
    expect((await lab.realm.payloads.list("app/test/")).map(({ name }) => name)).toEqual([
      "app/test/by-hand.sh",
      "app/test/hello.sh",
    ]);
  });

  test("does not overwrite another project's item without force (FW-138)", async () => {
    await using lab = await setUp();
    await lab.realm.jobs.put({ job_id: "app/test/hello", "x-lava-project": "other", type: "cmd" });

    const refused = await lab.plan();
    const forced = await lab.plan({ force: true });

    expect(refused.refused).toMatchObject([{ kind: "job", id: "app/test/hello" }]);
    expect(refused.items.map(({ id }) => id)).toEqual(["app/test/db"]);
    expect(forced.items.map(({ id, action }) => [id, action])).toContainEqual([
      "app/test/hello",
      "update",
    ]);
  });
});

describe("uninstall", () => {
  test("removes what the project owns and nothing else (FW-255, FW-256)", async () => {
    await using lab = await setUp();
    await lab.deploy();
    await lab.realm.jobs.put({
      job_id: "app/test/by-hand",
      type: "cmd",
      worker: "core",
      enabled: true,
    });
    await lab.realm.payloads.put("app/test/by-hand.sh", "x");

    const plan = await uninstallPlan(await lab.files.open(), "dev", lab.realm);
    const result = await deployPlan(plan, lab.realm);

    expect(result.ok).toBe(true);
    expect((await lab.realm.jobs.listItems()).map((item) => item["job_id"])).toEqual([
      "app/test/by-hand",
    ]);
    expect(await lab.realm.connections.listItems()).toEqual([]);
    expect((await lab.realm.payloads.list("")).map(({ name }) => name)).toEqual([
      "app/test/by-hand.sh",
    ]);
  });
});
