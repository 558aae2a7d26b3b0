import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Clock, systemClock } from "@lava/core";
import { openRealm, type Realm } from "@lava/realm";
import { emulatedAws, emulatedRealm, startDockerd, startDockerRegistry } from "@lava/testing";
import { expect, test } from "vitest";
import { deployPlan } from "../src/deploy/deploy.ts";
import { listDeployments, loadDeployment } from "../src/deploy/deployments.ts";
import { readManifest } from "../src/deploy/images/image-manifests.ts";
import { registryLogin, repositoryTags } from "../src/deploy/images/registry.ts";
import { toText } from "../src/deploy/plan-text.ts";
import { planDeployment } from "../src/deploy/plan.ts";
import { rollbackPlan } from "../src/deploy/rollback.ts";
import { testConfig, testProject } from "./test-project.ts";

const JOB = "description: d\nowner: o\nenabled: true\nworker: core\ntype: cmd\npayload: echo\n";
const by = { user: "tester", host: "test-host" };

/** A clock that jumps after each kill, to where the lock of whoever was killed has ended. */
let shift = 0;
const jumping: Clock = { ...systemClock, now: () => Date.now() + shift };

test("a deployment of images that is killed at any of its steps is taken up, or undone, with nothing half done (FW-201 to FW-203)", async () => {
  await using dockerd = await startDockerd(process.env);
  await using registry = await startDockerRegistry(process.env);
  const { host, password } = registry;
  await using aws = await emulatedAws({ registry: { endpoint: `http://${host}`, password } });
  await using emulated = await emulatedRealm({ aws });
  const environ = { PATH: process.env["PATH"] ?? "", ...dockerd.env };
  const realm = await openRealm(emulated.realm.name, {
    clients: aws.clients,
    env: {},
    clock: jumping,
  });
  using files = testProject({
    "config/dev.yaml": testConfig(realm.name),
    "lava-jobs/kept.yaml": `job_id: app/test/kept\n${JOB}`,
    "lava-payloads/old.docker/Dockerfile": "FROM scratch\nCOPY . /lava/\n",
  });
  const realmInfo = { record: { realm: realm.name } };
  const plan = async () =>
    planDeployment(await files.build("dev", { realmInfo }, environ), realm, { prune: true });
  const deploy = async (which: Awaited<ReturnType<typeof plan>>) =>
    deployPlan(which, realm, { by, environ });
  /** What people and jobs would find. */
  const everything = async (of: Realm = realm) => {
    const login = await registryLogin(of);
    const latest = async (repository: string): Promise<unknown> =>
      (await repositoryTags(of, repository)) === undefined
        ? "no repository"
        : Buffer.from((await readManifest(login, repository, "latest")).content).toString();
    return {
      jobs: (await of.jobs.listItems()).map(({ payload }) => payload),
      images: [await latest("lava/test/old"), await latest("lava/test/new")],
    };
  };

  expect((await deploy(await plan())).ok).toBe(true);
  const before = await everything();
  expect(before.images[1]).toBe("no repository");
  files.write("lava-payloads/old.docker/more", "more\n");
  files.write("lava-payloads/new.docker/other", "other\n");
  files.write("lava-payloads/new.docker/Dockerfile", "FROM scratch\nCOPY . /lava/\n");
  files.write("lava-jobs/kept.yaml", `job_id: app/test/kept\n${JOB.replace("echo", "date")}`);
  const change = await plan();
  const file = join(files.dir, "plan.json");
  writeFileSync(file, toText(change));
  expect((await deploy(change)).ok).toBe(true);
  const after = await everything();
  expect(after.images).not.toContain(before.images[0]);
  const undo = async () => {
    const [newest = ""] = await listDeployments(realm, "test-project", "dev");
    const back = await rollbackPlan(
      await loadDeployment(realm, "test-project", "dev", newest),
      realm,
    );
    expect(back.refused).toEqual([]);
    expect((await deploy(back)).ok).toBe(true);
    expect(await everything()).toEqual(before);
  };
  await undo();

  const program = fileURLToPath(new URL("killed-deploy.ts", import.meta.url));
  const settings = JSON.stringify(aws.clients.settings);
  const kill = async (at: number, when: string): Promise<boolean> => {
    const words = [file, realm.name, settings, String(at), when, String(shift), "images"];
    const child = spawn(process.execPath, ["--conditions=@lava/source", program, ...words], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, ...environ, NODE_COMPILE_CACHE: join(files.dir, ".compiled") },
    });
    const [, signal]: unknown[] = await once(child, "exit");
    shift += 120_000;
    return signal === "SIGKILL";
  };

  let steps = 0;
  for (let at = 1; ; at += 1) {
    const [first, second] = at % 2 === 0 ? ["before", "after"] : ["after", "before"];
    if (!(await kill(at, first))) break;
    steps += 1;
    await undo();

    expect(await kill(at, second)).toBe(true);
    const again = await deploy(change);
    expect(again.steps.filter(({ outcome }) => !/done|already/.test(outcome))).toEqual([]);
    expect(await everything()).toEqual(after);
    await undo();
  }

  // Of each image its repository, a push and `latest`; of the new repository its policy.
  expect(steps).toBe(7);
  expect(await everything()).toEqual(after);
}, 240_000);
