import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  CreateFunctionCommand,
  GetPolicyCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import { type Clock, systemClock } from "@lava/core";
import { openRealm, type Realm } from "@lava/realm";
import { emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
import { zipFiles } from "../src/build/payload/zip.ts";
import { withoutTracking } from "../src/deploy/compare.ts";
import { deployPlan } from "../src/deploy/deploy.ts";
import { listDeployments, loadDeployment } from "../src/deploy/deployments.ts";
import { loadManifest } from "../src/deploy/manifest.ts";
import { toText } from "../src/deploy/plan-text.ts";
import { planDeployment } from "../src/deploy/plan.ts";
import { rollbackPlan } from "../src/deploy/rollback.ts";
import { testConfig, testProject } from "./test-project.ts";

const JOB = "description: d\nowner: o\nenabled: true\nworker: core\ntype: cmd\npayload: echo\n";
const CONNECTION =
  "type: sqlite3\nenabled: true\nhost: a.sqlite\nport: 0\ndescription: d\nowner: o\n";
const ARN = "arn:aws:lambda:local:000000000000:function:";
const RULE = (realm: string, name: string, called: string): string =>
  `rule_id: lava.${realm}.test.${name}\ndescription: d\nowner: o\nschedule_expression: rate(1 hour)\n` +
  `targets: ["${ARN}${called}"]\n`;
const timed = (hour: number): string =>
  `${JOB}dispatcher: eventbridge\nschedule: "0 ${hour} * * *"\n`;
/** What EventBridge Scheduler is to call. */
const SET_UP = {
  "x-lava-eventbridge": { function: `${ARN}f`, role: "arn:aws:iam::000000000000:role/scheduler" },
};
const by = { user: "tester", host: "test-host" };

/** A clock that jumps after each kill, to where the lock of whoever was killed has ended. */
let shift = 0;
const jumping: Clock = { ...systemClock, now: () => Date.now() + shift };

/** Functions, and the rules that may call them. */
async function permissions(realm: Realm): Promise<unknown[]> {
  const lambda = await realm.clients.lambda();
  const found = ["f", "g"].map(async (FunctionName) => {
    try {
      const { Policy = "{}" } = await lambda.send(new GetPolicyCommand({ FunctionName }));
      return JSON.parse(Policy).Statement.map((statement: unknown) => [
        FunctionName,
        /rule\/([^"]+)/.exec(JSON.stringify(statement))?.[1],
      ]);
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return [];
      throw error;
    }
  });
  return (await Promise.all(found)).flat().toSorted();
}

async function makeFunctions(realm: Realm): Promise<void> {
  const lambda = await realm.clients.lambda();
  const ZipFile = await zipFiles([{ path: "index.mjs", content: new Uint8Array(), mode: 0o644 }]);
  for (const FunctionName of ["f", "g"]) {
    await lambda.send(
      new CreateFunctionCommand({
        ...{ FunctionName, Runtime: "nodejs24.x", Handler: "index.handler", Code: { ZipFile } },
        Role: "arn:aws:iam::000000000000:role/any",
      }),
    );
  }
}

async function everything(realm: Realm) {
  const items = async (table: Realm["jobs"] | Realm["connections"]) =>
    (await table.listItems()).map(withoutTracking);
  const names = ["made", "moved"].map((name) => `lava.${realm.name}.test.${name}`);
  const rules = await Promise.all(names.map((name) => realm.rules.get("default", name)));
  const there = rules.filter((rule) => rule !== undefined);
  const { items: owned, payloads } = await loadManifest(realm, "test-project", "dev");
  return {
    jobs: await items(realm.jobs),
    connections: await items(realm.connections),
    rules: there.map((rule) => ({ ...rule, tags: {} })),
    permissions: await permissions(realm),
    schedules: await Promise.all(
      [...(await realm.scheduleGroup.names())].map((name) => realm.scheduleGroup.get(name)),
    ),
    payloads: await Promise.all(
      (await realm.payloads.list("app/")).map(async ({ name }) => [
        name,
        new TextDecoder().decode(await realm.payloads.get(name)),
      ]),
    ),
    owned: [
      ...owned.map(({ kind, id }) => `${kind} ${id}`),
      ...payloads.map(({ key }) => key),
    ].toSorted(),
  };
}

test("a deployment that is killed at any of its writes is taken up, or undone, with nothing half done", async () => {
  await using emulated = await emulatedRealm({ record: SET_UP });
  const { realm, aws } = emulated;
  const late = await openRealm(realm.name, { clients: aws.clients, env: {}, clock: jumping });
  using files = testProject({
    "config/dev.yaml": testConfig(realm.name),
    "lava-connections/old.yaml": `conn_id: app/test/old\n${CONNECTION}`,
    "lava-jobs/kept.yaml": `job_id: app/test/kept\n${JOB}`,
    "lava-jobs/later.yaml": `job_id: app/test/later\n${timed(6)}`,
    "lava-jobs/never.yaml": `job_id: app/test/never\n${timed(7)}`,
    "lava-rules/moved.yaml": RULE(realm.name, "moved", "f"),
    "lava-payloads/kept.sh": "one\n",
    "lava-payloads/old.sh": "old\n",
  });
  const plan = async () => planDeployment(await files.build("dev"), late, { prune: true });
  await makeFunctions(late);
  expect((await deployPlan(await plan(), late, { by })).ok).toBe(true);
  const before = await everything(late);
  files.write("lava-jobs/kept.yaml", `job_id: app/test/kept\n${JOB.replace("echo", "date")}`);
  files.write("lava-jobs/new.yaml", `job_id: app/test/new\n${JOB}`);
  files.write("lava-jobs/later.yaml", `job_id: app/test/later\n${timed(8)}`);
  files.write("lava-jobs/soon.yaml", `job_id: app/test/soon\n${timed(9)}`);
  files.remove("lava-jobs/never.yaml");
  files.write("lava-rules/made.yaml", RULE(realm.name, "made", "f"));
  files.write("lava-rules/moved.yaml", RULE(realm.name, "moved", "g"));
  files.write("lava-payloads/kept.sh", "two\n");
  files.write("lava-payloads/new.sh", "new\n");
  files.remove("lava-connections/old.yaml");
  files.remove("lava-payloads/old.sh");
  const change = await plan();
  const file = join(files.dir, "plan.json");
  writeFileSync(file, toText(change));
  await deployPlan(change, late, { by });
  const after = await everything(late);
  // A rule that calls another function gives back what it had.
  expect(after.permissions).toEqual([
    ["f", `lava.${realm.name}.test.made`],
    ["g", `lava.${realm.name}.test.moved`],
  ]);
  const undo = async () => {
    const [newest = ""] = await listDeployments(late, "test-project", "dev");
    const deployment = await loadDeployment(late, "test-project", "dev", newest);
    const back = await rollbackPlan(deployment, late);
    expect(back.refused).toEqual([]);
    expect((await deployPlan(back, late, { by })).ok).toBe(true);
    expect(await everything(late)).toEqual(before);
  };
  await undo();

  // As somebody would run it: another process, killed in the middle.
  const program = fileURLToPath(new URL("killed-deploy.ts", import.meta.url));
  const settings = JSON.stringify(aws.clients.settings);
  const kill = async (at: number, when: string): Promise<boolean> => {
    const child = spawn(
      process.execPath,
      [
        "--conditions=@lava/source",
        program,
        file,
        realm.name,
        settings,
        String(at),
        when,
        String(shift),
      ],
      {
        stdio: ["ignore", "ignore", "inherit"],
        // There are many of them, all of the same program.
        env: { ...process.env, NODE_COMPILE_CACHE: join(files.dir, ".compiled") },
      },
    );
    const [, signal]: unknown[] = await once(child, "exit");
    shift += 120_000;
    return signal === "SIGKILL";
  };

  let writes = 0;
  for (let at = 1; ; at += 1) {
    // Undone where it stopped.
    if (!(await kill(at, at % 2 === 0 ? "before" : "after"))) break;
    writes += 1;
    const [newest = ""] = await listDeployments(late, "test-project", "dev");
    const { user } = await loadDeployment(late, "test-project", "dev", newest);
    // Its lock is all that it left, if it had not begun.
    if (user !== "killed") await deployPlan(change, late, { by });
    await undo();

    // Taken up where it stopped, then undone.
    expect(await kill(at, at % 2 === 0 ? "after" : "before")).toBe(true);
    const again = await deployPlan(change, late, { by });
    expect(again.steps.filter(({ outcome }) => !/done|already/.test(outcome))).toEqual([]);
    expect(await everything(late)).toEqual(after);
    await undo();
  }

  expect(writes).toBeGreaterThan(25);
  expect(await everything(late)).toEqual(after);
}, 480_000);
