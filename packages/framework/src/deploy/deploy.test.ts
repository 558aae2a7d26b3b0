import { emulatedRealm } from "@lava/testing";
import { describe, expect, test } from "vitest";
import { testConfig, testProject } from "../../test/test-project.ts";
import { takeDeployLock } from "./deploy-lock.ts";
import { deployPlan } from "./deploy.ts";
import { listDeployments, loadDeployment } from "./deployments.ts";
import { readPlan, toText } from "./plan-text.ts";
import { planDeployment } from "./plan.ts";
import { rollbackPlan } from "./rollback.ts";
import type { Plan } from "./types.ts";
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

const RULE = `rule_id: lava.test.test.made
description: d
owner: o
enabled: true
event_pattern: {source: [aws.s3], detail: {object: {size: [{numeric: [">", 1.5]}]}}}
targets: ["arn:aws:lambda:local:000000000000:function:f"]
tags: {team: "a;b", count: 3}
`;
const by = { user: "tester", host: "test-host" };

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
      return { plan: planned, result: await deployPlan(planned, realm, { by }) };
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
    expect(result.ok).toBe(true);
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
    const kept = await loadDeployment(lab.realm, "test-project", "dev", result.deployment);
    expect(kept).toMatchObject({
      state: "complete",
      user: "tester",
      plan: { items: [{ id: "app/test/hello", before: plan.items[0]?.before }] },
    });
    const backups = (await lab.realm.payloads.list("__bak__/")).map(({ name }) => name);
    expect(backups).toEqual([`__bak__/app/test/${result.deployment}/hello.sh`]);
  });

  test("leaves alone what changed since the plan, reports it, does the rest, and can run again", async () => {
    await using lab = await setUp();
    await lab.deploy();
    lab.files.write("lava-jobs/hello.yaml", JOB.replace("1m", "2m"));
    lab.files.write("lava-jobs/new.yaml", JOB.replace("/hello\n", "/new\n"));
    const plan = await lab.plan();
    const before = await lab.realm.jobs.getItem("app/test/hello");
    await lab.realm.jobs.put({ ...before, description: "by hand" });

    const first = await deployPlan(plan, lab.realm, { by });
    const second = await deployPlan(plan, lab.realm, { by });

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

  test("does not overwrite or delete what has a field more since the plan, or another payload at the last moment", async () => {
    await using lab = await setUp();
    lab.files.write("lava-jobs/other.yaml", JOB.replace("/hello\n", "/other\n"));
    await lab.deploy();
    lab.files.write("lava-jobs/hello.yaml", JOB.replace("1m", "2m"));
    lab.files.remove("lava-jobs/other.yaml");
    lab.files.write("lava-payloads/hello.sh", "#!/bin/sh\necho new\n");
    const plan = await lab.plan({ prune: true });
    for (const id of ["app/test/hello", "app/test/other"]) {
      const before = await lab.realm.jobs.getItem(id);
      await lab.realm.jobs.put({ ...before, "x-note": "by hand" });
    }
    const { payloads } = lab.realm;
    const realm = {
      ...lab.realm,
      payloads: {
        ...payloads,
        // Somebody writes between the look and the write.
        async put(...[name, ...rest]: Parameters<typeof payloads.put>) {
          if (name === "app/test/hello.sh") await payloads.put(name, "theirs");
          await payloads.put(name, ...rest);
        },
      },
    };

    const { steps } = await deployPlan(plan, realm, { by });

    expect(steps.map(({ id, outcome }) => [id, outcome]).sort()).toEqual([
      ["app/test/hello", "conflict"],
      ["app/test/hello.sh", "conflict"],
      ["app/test/other", "conflict"],
    ]);
    expect((await lab.realm.jobs.listItems()).map((item) => item["x-note"])).toEqual([
      "by hand",
      "by hand",
    ]);
    expect(new TextDecoder().decode(await payloads.get("app/test/hello.sh"))).toBe("theirs");
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

describe("rules", () => {
  const ID = "lava.test.test.made";
  const rule = (realmName: string, change = ""): string =>
    RULE.replace("lava.test.", `lava.${realmName}.`) + change;

  test("are made, found unchanged, updated in place and removed (FW-139 to FW-157)", async () => {
    await using lab = await setUp();
    const id = ID.replace("lava.test.", `lava.${lab.realm.name}.`);
    lab.files.write("lava-rules/made.yaml", rule(lab.realm.name));
    await lab.deploy();

    expect(await lab.realm.rules.get("default", id)).toMatchObject({
      enabled: true,
      description: "d",
      targets: [{ Arn: "arn:aws:lambda:local:000000000000:function:f" }],
      tags: { owner: "o", team: "a_b", count: "3", "x-lava-project": "test-project" },
    });
    expect(await lab.plan()).toMatchObject({ items: [], refused: [] });

    lab.files.write(
      "lava-rules/made.yaml",
      rule(lab.realm.name)
        .replace("enabled: true", "enabled: false")
        .replace(":function:f", ":function:g"),
    );
    const { plan, result } = await lab.deploy();
    expect(plan.items).toMatchObject([{ kind: "rule", id, action: "update" }]);
    expect(plan.items[0]?.changes.map(({ path }) => path[0])).toEqual(["enabled", "targets"]);
    expect(result.ok).toBe(true);
    expect(await lab.realm.rules.get("default", id)).toMatchObject({
      enabled: false,
      targets: [{ Arn: "arn:aws:lambda:local:000000000000:function:g" }],
    });

    lab.files.remove("lava-rules/made.yaml");
    await lab.deploy({ prune: true });
    expect(await lab.realm.rules.get("default", id)).toBeUndefined();
  });

  test("with more tags than EventBridge takes are refused before anything is changed (FW-151)", async () => {
    await using lab = await setUp();
    const tags = Array.from({ length: 50 }, (_, index) => `  t${index}: x`).join("\n");
    lab.files.write(
      "lava-rules/made.yaml",
      rule(lab.realm.name).replace(/^tags:.*$/m, `tags:\n${tags}`),
    );

    await expect(lab.plan()).rejects.toThrow(expect.objectContaining({ code: "BAD_RULE" }));
  });
});

describe("two deployments at once", () => {
  test("the second is refused, and one that was killed is taken over when its lock has ended (FW-252)", async () => {
    await using lab = await setUp();
    const plan = await lab.plan();
    const held = await takeDeployLock(lab.realm, plan.prefix, { user: "other", host: "there" });

    await expect(deployPlan(plan, lab.realm, { by })).rejects.toThrow(
      "other on there is deploying app/test",
    );
    expect(await lab.realm.jobs.listItems()).toEqual([]);
    await held[Symbol.asyncDispose]();
    const ended = { user: "x", host: "y", expires: new Date(Date.now() - 1000).toISOString() };
    await lab.realm.payloads.put("__fwk__/lock/app%2Ftest.json", JSON.stringify(ended));
    expect(await deployPlan(plan, lab.realm, { by })).toMatchObject({ ok: true });
    expect(await lab.realm.payloads.list("__fwk__/lock/")).toEqual([]);
  });
});

describe("a saved plan", () => {
  test("is read back as it was and carried out", async () => {
    await using lab = await setUp();
    const plan = await lab.plan();

    const saved = readPlan(toText(plan), "plan.json");
    const result = await deployPlan(saved, lab.realm, { by });

    expect(toText(saved)).toBe(toText(plan));
    expect(result.ok).toBe(true);
  });

  test("keeps what it does to schedules of EventBridge, and where it is for", async () => {
    await using lab = await setUp();
    const schedule = { action: "delete", job: "app/test/x", name: "app-test-x" } as const;
    const plan: Plan = { ...(await lab.plan()), schedules: [schedule] };

    expect(readPlan(toText(plan), "plan.json")).toMatchObject({
      schedules: [schedule],
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:/),
    });
  });

  test("is refused when its files have been built anew, or when it is none", async () => {
    await using lab = await setUp();
    const plan = await lab.plan();
    lab.files.write("lava-payloads/hello.sh", "#!/bin/sh\necho other\n");
    await lab.plan();

    await expect(deployPlan(plan, lab.realm, { by })).rejects.toThrow(
      expect.objectContaining({ code: "STALE_PLAN" }),
    );
    expect(await lab.realm.payloads.list("app/")).toEqual([]);
    expect(() => readPlan('{"purpose": "deploy"}', "x.json")).toThrow(
      expect.objectContaining({ code: "BAD_PLAN" }),
    );
  });
});

describe("rollback", () => {
  test("restores items and payloads, and can be rolled back itself (FW-134, FW-242, FW-243)", async () => {
    await using lab = await setUp();
    await lab.deploy();
    lab.files.write("lava-jobs/hello.yaml", JOB.replace("1m", "2m"));
    lab.files.write("lava-jobs/new.yaml", JOB.replace("/hello\n", "/new\n"));
    lab.files.write("lava-payloads/hello.sh", "#!/bin/sh\necho changed\n");
    lab.files.remove("lava-payloads/r.rsc");
    const { result } = await lab.deploy({ prune: true });
    const load = async (id: string) => loadDeployment(lab.realm, "test-project", "dev", id);
    const state = async () => ({
      jobs: (await lab.realm.jobs.listItems()).map((item) => [item["job_id"], item["parameters"]]),
      payloads: await Promise.all(
        (await lab.realm.payloads.list("app/")).map(async ({ name }) => [
          name,
          new TextDecoder().decode(await lab.realm.payloads.get(name)),
        ]),
      ),
    });
    const after = await state();

    const back = await deployPlan(
      await rollbackPlan(await load(result.deployment), lab.realm),
      lab.realm,
      { by },
    );
    expect(back.ok).toBe(true);
    expect(await state()).toEqual({
      jobs: [["app/test/hello", { timeout: "1m" }]],
      payloads: [
        ["app/test/hello.sh", "#!/bin/sh\n"],
        ["app/test/r.rsc/a.txt", "dev\n"],
      ],
    });

    await deployPlan(await rollbackPlan(await load(back.deployment), lab.realm), lab.realm, { by });
    expect(await state()).toEqual(after);
    expect(await listDeployments(lab.realm, "test-project", "dev")).toHaveLength(4);
  });

  test("leaves alone what was changed since, unless it is forced", async () => {
    await using lab = await setUp();
    await lab.deploy();
    lab.files.write("lava-jobs/hello.yaml", JOB.replace("1m", "2m"));
    const { result } = await lab.deploy();
    const now = await lab.realm.jobs.getItem("app/test/hello");
    await lab.realm.jobs.put({ ...now, description: "by hand" });
    const deployment = await loadDeployment(lab.realm, "test-project", "dev", result.deployment);

    const plan = await rollbackPlan(deployment, lab.realm);
    const forced = await rollbackPlan(deployment, lab.realm, { force: true });

    expect(plan).toMatchObject({ items: [], refused: [{ kind: "job", id: "app/test/hello" }] });
    expect((await deployPlan(forced, lab.realm, { by })).ok).toBe(true);
    expect(await lab.realm.jobs.getItem("app/test/hello")).toMatchObject({
      description: "d",
      parameters: { timeout: "1m" },
    });
  });

  test("only the newest deployments are kept", async () => {
    await using lab = await setUp();
    for (const timeout of ["1m", "2m", "3m"]) {
      lab.files.write("lava-jobs/hello.yaml", JOB.replace("1m", timeout));
      await deployPlan(await lab.plan(), lab.realm, { by, keep: 2 });
    }

    expect(await listDeployments(lab.realm, "test-project", "dev")).toHaveLength(2);
  });
});

describe("uninstall", () => {
  test("removes what the project owns and nothing else (FW-253, FW-254, FW-255, FW-256)", async () => {
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
    const result = await deployPlan(plan, lab.realm, { by });

    expect(result.ok).toBe(true);
    expect((await lab.realm.jobs.listItems()).map((item) => item["job_id"])).toEqual([
      "app/test/by-hand",
    ]);
    expect(await lab.realm.connections.listItems()).toEqual([]);
    expect((await lab.realm.payloads.list("app/")).map(({ name }) => name)).toEqual([
      "app/test/by-hand.sh",
    ]);
  });
});
