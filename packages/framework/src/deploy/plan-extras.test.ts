import { emulatedAws, emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
import { testConfig, testProject } from "../../test/test-project.ts";
import { deployPlan } from "./deploy.ts";
import { planDeployment } from "./plan.ts";
import { preflight } from "./preflight.ts";
import { needsConfirmation } from "./protection.ts";
import { uninstallPlan } from "./uninstall.ts";

const job = (id: string, more = ""): string =>
  `job_id: app/test/${id}\ndescription: d\nowner: o\nenabled: true\nworker: core\ntype: cmd\npayload: echo\n${more}`;
const by = { user: "tester", host: "test-host" };

async function setUp(
  files: Record<string, string>,
  options: Parameters<typeof emulatedRealm>[0] = {},
) {
  const emulated = await emulatedRealm(options);
  const { realm } = emulated;
  const project = testProject({ ...files, "config/dev.yaml": testConfig(realm.name) });
  return {
    realm,
    project,
    plan: async (how: Parameters<typeof planDeployment>[2] = {}) =>
      await planDeployment(await project.build("dev"), realm, how),
    async [Symbol.asyncDispose]() {
      project[Symbol.dispose]();
      await emulated[Symbol.asyncDispose]();
    },
  };
}

test("a plan shows when changed jobs run next, before and after, in the zone of their dispatcher", async () => {
  await using lab = await setUp({
    ".config.json":
      '{"cookiecutter": {"project_name": "test-project"}, "lava": {"zones": {"main": "Europe/Berlin"}}}',
    "lava-jobs/a.yaml": job("a", 'dispatcher: main\nschedule: "0 6 * * *"\n'),
    "lava-jobs/b.yaml": job("b"),
  });
  const first = await lab.plan();
  expect(
    first.fireTimes.map(({ id, zone, before, after }) => [id, zone, before, after.length]),
  ).toEqual([["app/test/a", "Europe/Berlin", [], 3]]);
  expect(first.fireTimes[0]?.after[0]).toMatch(/T0[45]:00:00\.000Z$/);
  await deployPlan(first, lab.realm, { by });

  lab.project.write("lava-jobs/b.yaml", job("b", "x-note: changed\n"));
  expect((await lab.plan()).fireTimes).toEqual([]);

  lab.project.write("lava-jobs/a.yaml", job("a", 'dispatcher: main\nschedule: "30 6 * * *"\n'));
  const [changed] = (await lab.plan()).fireTimes;
  expect(changed?.before[0]).toMatch(/:00:00\.000Z$/);
  expect(changed?.after[0]).toMatch(/:30:00\.000Z$/);
});

test("the zone of a dispatcher is the CRON_TZ of the job that schedules it, where the settings have none", async () => {
  await using lab = await setUp({
    "lava-jobs/a.yaml": job("a", 'dispatcher: main\nschedule: "0 6 * * *"\n'),
    "lava-jobs/sched.yaml":
      "job_id: app/test/sched\ndescription: d\nowner: o\nenabled: true\nworker: core\ntype: lavasched\npayload: --\nparameters:\n  dispatcher: [main]\n  env: {CRON_TZ: Australia/Sydney}\n",
  });
  expect((await lab.plan()).fireTimes.map(({ zone }) => zone)).toEqual(["Australia/Sydney"]);
});

test("a plan says what it breaks: users of jobs that go or are switched off, unknown connections, no queue", async () => {
  await using lab = await setUp(
    {
      "lava-jobs/gone.yaml": job("gone"),
      "lava-jobs/off.yaml": job("off"),
      "lava-rules/r.yaml": "",
    },
    {
      jobs: [
        { job_id: "other/chain", type: "chain", payload: "app/test/gone, app/test/off" },
        { job_id: "other/each", type: "foreach", payload: "app/test/off" },
        { job_id: "other/act", on_fail: [{ action: "dispatch", job_id: "app/test/gone" }] },
        { job_id: "other/dag", type: "dag", payload: { "app/test/off": ["app/test/gone"] } },
        { job_id: "other/free" },
      ],
      s3triggers: [
        { trigger_id: "other/t", bucket: "b", prefix: "p", enabled: true, job_id: "app/test/gone" },
      ],
    },
  );
  lab.project.remove("lava-rules/r.yaml");
  await deployPlan(await lab.plan(), lab.realm, { by });

  lab.project.remove("lava-jobs/gone.yaml");
  lab.project.write("lava-jobs/off.yaml", job("off").replace("true", "false"));
  lab.project.write(
    "lava-jobs/new.yaml",
    job("new", "parameters: {vars: {}}\n").replace("worker: core", "worker: nobody"),
  );
  lab.project.write(
    "lava-jobs/sql.yaml",
    job("sql", "parameters: {conn_id: not/there}\n").replace("type: cmd", "type: sqli"),
  );
  lab.project.write(
    "lava-rules/r.yaml",
    `rule_id: lava.${lab.realm.name}.test.r\ndescription: d\nowner: o\nschedule_expression: rate(1 hour)\ntargets:\n- {Id: a, Arn: "arn:aws:lambda:local:0:function:f", Input: '{"job_id": "app/test/off"}'}\n`,
  );
  const plan = await lab.plan({ prune: true });

  expect(plan.breaks.map(({ id, needs }) => `${id} <- ${needs}`).toSorted()).toEqual([
    `app/test/new <- worker nobody`,
    `app/test/sql <- connection not/there`,
    `lava.${lab.realm.name}.test.r <- job app/test/off`,
    "other/act <- job app/test/gone",
    "other/chain <- job app/test/gone",
    "other/chain <- job app/test/off",
    "other/dag <- job app/test/gone",
    "other/dag <- job app/test/off",
    "other/each <- job app/test/off",
    "other/t <- job app/test/gone",
  ]);
  expect(plan.breaks[0]?.reason).toMatch(
    /worker nobody|is deleted|is switched off|has no queue|not in/,
  );
  // Nothing breaks by things that go together.
  expect(
    (await uninstallPlan(await lab.project.open(), "dev", lab.realm)).breaks.map(({ id }) => id),
  ).not.toContain("app/test/off");
});

test("what will be refused is found before anything is changed, all of it, and nothing is left behind (FW-238..241)", async () => {
  let denied = new Set<string>();
  await using aws = await emulatedAws({
    deny: ({ service, operation }) => denied.has(`${service}:${operation}`),
  });
  await using lab = await setUp(
    {
      "lava-jobs/a.yaml": job("a"),
      "lava-rules/r.yaml": "",
    },
    { aws },
  );
  lab.project.write(
    "lava-rules/r.yaml",
    `rule_id: lava.${lab.realm.name}.test.r\ndescription: d\nowner: o\nschedule_expression: rate(1 hour)\nevent_bus_name: nowhere\n`,
  );
  const plan = await lab.plan();
  await expect(preflight(plan, lab.realm)).rejects.toMatchObject({
    code: "PREFLIGHT_FAILED",
    issues: [{ code: "no_event_bus", message: "There is no event bus nowhere" }],
  });
  lab.project.remove("lava-rules/r.yaml");
  const good = await lab.plan();
  await preflight(good, lab.realm);
  expect(await lab.realm.payloads.list("__fwk__/")).toEqual([]);

  denied = new Set(["s3:PUT", "dynamodb:DeleteItem"]);
  await expect(preflight(good, lab.realm)).rejects.toMatchObject({
    issues: [
      {
        code: "payloads_not_writable",
        message: expect.stringContaining("Cannot write to payloads area: s3://"),
      },
      {
        code: "table_not_writable",
        message: expect.stringContaining(`lava.${lab.realm.name}.jobs`),
      },
    ],
  });
});

test("images want a registry and a docker engine before anything is changed (FW-241)", async () => {
  await using aws = await emulatedAws({ deny: ({ service }) => service === "ecr" });
  await using lab = await setUp({ "lava-jobs/a.yaml": job("a") }, { aws });
  const plan = await lab.plan();
  const images = [
    { action: "create" as const, repository: "lava/test/x", id: "sha256:1", tag: "1" },
  ];
  const environ = { PATH: "/nowhere" };
  await preflight(
    { ...plan, images: images.map((image) => ({ ...image, action: "delete" })) },
    lab.realm,
    environ,
  );
  await expect(preflight({ ...plan, images }, lab.realm, environ)).rejects.toMatchObject({
    code: "PREFLIGHT_FAILED",
    issues: [
      { code: "no_registry", message: expect.stringContaining("not authorized") },
      { code: "no_docker", message: expect.stringContaining("the docker command is not there") },
    ],
  });
  expect(await lab.realm.jobs.getItem("app/test/a")).toBeUndefined();
});

test("without permission in the middle of a deploy, the step says so and the rest is not tried (FW-132)", async () => {
  let puts = 0;
  await using aws = await emulatedAws({
    deny: ({ operation }) => operation === "PutItem" && ++puts > 20,
  });
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`lava-jobs/j${i}.yaml`, job(`j${i}`)]),
  );
  await using lab = await setUp(files, { aws });
  const plan = await lab.plan();
  puts = 0;
  const { ok, steps } = await deployPlan(plan, lab.realm, { by });

  expect(ok).toBe(false);
  const outcomes = (name: string) => steps.filter(({ outcome }) => outcome === name);
  expect(outcomes("done")).toHaveLength(20);
  expect(outcomes("failed")[0]?.reason).toMatch(
    /^no permission: .*not authorized to perform: dynamodb:PutItem/,
  );
  expect(outcomes("failed").length).toBeLessThanOrEqual(8);
  expect(outcomes("not_tried").length).toBeGreaterThanOrEqual(12);

  puts = -1000;
  const again = await deployPlan(await lab.plan(), lab.realm, { by });
  expect(again.ok).toBe(true);
  expect(again.steps).toHaveLength(20);
});

test("an uninstall removes what it can and fails for what it cannot, and can be done again (FW-257)", async () => {
  let denied = true;
  await using aws = await emulatedAws({
    deny: ({ operation }) => denied && operation === "DeleteRule",
  });
  await using lab = await setUp({ "lava-jobs/a.yaml": job("a") }, { aws });
  lab.project.write(
    "lava-rules/r.yaml",
    `rule_id: lava.${lab.realm.name}.test.r\ndescription: d\nowner: o\nschedule_expression: rate(1 hour)\n`,
  );
  await deployPlan(await lab.plan(), lab.realm, { by });
  const uninstall = async () =>
    await deployPlan(await uninstallPlan(await lab.project.open(), "dev", lab.realm), lab.realm, {
      by,
    });

  const first = await uninstall();
  expect(first.ok).toBe(false);
  expect(first.steps.map(({ kind, outcome }) => [kind, outcome])).toEqual([
    ["rule", "failed"],
    ["job", "done"],
  ]);
  denied = false;
  expect((await uninstall()).steps).toMatchObject([{ kind: "rule", outcome: "done" }]);
});

test("a protected environment needs a yes, and what is committed (FW-251)", async () => {
  using project = testProject({
    ".config.json": '{"lava": {"protected": ["uat"]}}',
    "lava-jobs/a.yaml": job("a"),
  });
  const opened = await project.open({ ...process.env, GIT_CONFIG_GLOBAL: "/dev/null" });
  expect(await needsConfirmation(opened, "dev")).toBe(false);
  expect(await needsConfirmation(opened, "uat")).toBe(true);

  const { execFileSync } = await import("node:child_process");
  const git = (...args: string[]) => execFileSync("git", args, { cwd: project.dir });
  git("init", "-q");
  await expect(needsConfirmation(opened, "uat")).rejects.toMatchObject({ code: "DIRTY_TREE" });
  git("add", "-A");
  git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "all");
  expect(await needsConfirmation(opened, "uat")).toBe(true);
  project.write("lava-jobs/b.yaml", job("b"));
  await expect(needsConfirmation(opened, "uat")).rejects.toThrow(
    /not committed: lava-jobs\/b\.yaml/,
  );
});

test("settings of a project that cannot be read are told with their place", async () => {
  using project = testProject({
    ".config.json": '{"lava": {"zones": {"main": "Mars/Base"}, "protcted": []}}',
  });
  await expect(project.open()).rejects.toMatchObject({ code: "INVALID_CONFIG" });
});
