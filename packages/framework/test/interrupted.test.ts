import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Clock, systemClock } from "@lava/core";
import { openRealm, type Realm } from "@lava/realm";
import { emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
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
const RULE = (realm: string): string =>
  `rule_id: lava.${realm}.test.made\ndescription: d\nowner: o\nschedule_expression: rate(1 hour)\n` +
  'targets: ["arn:aws:lambda:local:0:function:f"]\n';
const by = { user: "tester", host: "test-host" };

/** A clock on which the lock of whoever was killed has ended. */
const later: Clock = { ...systemClock, now: () => Date.now() + 120_000 };

async function everything(realm: Realm) {
  const items = async (table: Realm["jobs"] | Realm["connections"]) =>
    (await table.listItems()).map(withoutTracking);
  const rule = await realm.rules.get("default", `lava.${realm.name}.test.made`);
  const { items: owned, payloads } = await loadManifest(realm, "test-project", "dev");
  return {
    jobs: await items(realm.jobs),
    connections: await items(realm.connections),
    rule: rule === undefined ? undefined : { ...rule, tags: {} },
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
  await using emulated = await emulatedRealm();
  const { realm, aws } = emulated;
  const late = await openRealm(realm.name, { clients: aws.clients, env: {}, clock: later });
  using files = testProject({
    "config/dev.yaml": testConfig(realm.name),
    "lava-connections/old.yaml": `conn_id: app/test/old\n${CONNECTION}`,
    "lava-jobs/kept.yaml": `job_id: app/test/kept\n${JOB}`,
    "lava-payloads/kept.sh": "one\n",
    "lava-payloads/old.sh": "old\n",
  });
  const plan = async () => planDeployment(await files.build("dev"), late, { prune: true });
  await deployPlan(await plan(), late, { by });
  const before = await everything(late);
  files.write("lava-jobs/kept.yaml", `job_id: app/test/kept\n${JOB.replace("echo", "date")}`);
  files.write("lava-jobs/new.yaml", `job_id: app/test/new\n${JOB}`);
  files.write("lava-rules/made.yaml", RULE(realm.name));
  files.write("lava-payloads/kept.sh", "two\n");
  files.write("lava-payloads/new.sh", "new\n");
  files.remove("lava-connections/old.yaml");
  files.remove("lava-payloads/old.sh");
  const change = await plan();
  const file = join(files.dir, "plan.json");
  writeFileSync(file, toText(change));
  await deployPlan(change, late, { by });
  const after = await everything(late);
  const undo = async () => {
    const [newest = ""] = await listDeployments(late, "test-project", "dev");
    const deployment = await loadDeployment(late, "test-project", "dev", newest);
    const back = await rollbackPlan(deployment, late);
    expect(back.refused).toEqual([]);
    expect((await deployPlan(back, late, { by })).ok).toBe(true);
    expect(await everything(late)).toEqual(before);
  };
  await undo();

  let writes = 0;
  for (let at = 1; ; at += 1) {
    // As somebody would run it: another process, killed in the middle.
    const settings = JSON.stringify(aws.clients.settings);
    const when = at % 2 === 0 ? "before" : "after";
    const program = fileURLToPath(new URL("killed-deploy.ts", import.meta.url));
    const child = spawn(
      process.execPath,
      ["--conditions=@lava/source", program, file, realm.name, settings, String(at), when],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    const [, signal]: unknown[] = await once(child, "exit");
    if (signal !== "SIGKILL") break;
    writes += 1;

    const [newest = ""] = await listDeployments(late, "test-project", "dev");
    const deployment = await loadDeployment(late, "test-project", "dev", newest);
    if (at % 3 === 0 && deployment.user === "killed") {
      await undo();
    } else {
      const again = await deployPlan(change, late, { by });
      expect(again.steps.filter(({ outcome }) => !/done|already/.test(outcome))).toEqual([]);
      expect(await everything(late)).toEqual(after);
      await undo();
    }
  }

  expect(writes).toBeGreaterThan(12);
  expect(await everything(late)).toEqual(after);
}, 120_000);
