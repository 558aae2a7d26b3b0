import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emulatedRealm, type EmulatedRealm } from "@lava/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CliResult, runCli } from "./cli.ts";

let folder: string;
let project: string;
let emulated: EmulatedRealm;

const lava = async (...args: string[]): Promise<CliResult> =>
  await runCli(args, { cwd: project, env: { ...emulated.environment, PATH: process.env["PATH"] } });

beforeEach(async () => {
  emulated = await emulatedRealm();
  folder = await mkdtemp(join(tmpdir(), "lava-deploy-"));
  project = join(folder, "p");
  const answers = { realm: emulated.realm.name, owner: "me", description: "d", environment: "uat" };
  const given = Object.entries(answers).flatMap(([key, value]) => ["-p", `${key}=${value}`]);
  await runCli(["new", "p", "--no-input", ...given], { cwd: folder });
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await emulated[Symbol.asyncDispose]();
});

async function protect(): Promise<void> {
  const file = join(project, ".config.json");
  const record: unknown = JSON.parse(await readFile(file, "utf8"));
  await writeFile(
    file,
    JSON.stringify(Object.assign({}, record, { lava: { protected: ["uat"] } })),
  );
}

test("a plan shows the next times of a job and what breaks", async () => {
  await writeFile(
    join(project, "lava-jobs/timed.yaml"),
    "job_id: app/p/timed\ndescription: d\nowner: o\nenabled: true\nworker: core\ntype: sqli\npayload: select 1\ndispatcher: main\nschedule: 0 6 * * *\nparameters: {conn_id: nowhere}\n",
  );
  const { status, stdout, stderr } = await lava("plan", "--env", "uat");

  expect(status).toBe(0);
  expect(stdout).toMatch(/job app\/p\/timed runs next \(UTC\): \d{4}-\d\d-\d\d 06:00Z, /);
  expect(stderr).toContain(
    "breaks: connection nowhere is not in the realm, and job app/p/timed uses it",
  );
});

test("a protected environment is deployed to only with a yes; pipelines are never asked (FW-251)", async () => {
  await protect();

  const refused = await lava("deploy", "--env", "uat");
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain("[NOT_CONFIRMED]");
  expect((await lava("ci", "--env", "uat", "--deploy")).stdout).toContain("[NOT_CONFIRMED]");
  expect(await emulated.realm.jobs.listItems()).toEqual([]);

  expect((await lava("deploy", "--env", "uat", "--yes")).status).toBe(0);
  expect((await lava("ci", "--env", "uat", "--deploy", "--yes")).status).toBe(0);
});

test("an uninstall shows what goes, and asks (FW-258)", async () => {
  await lava("deploy", "--env", "uat");

  const asked = await lava("uninstall", "--env", "uat");
  expect(asked.status).toBe(2);
  expect(asked.stdout).toContain("- job app/p/hello");
  expect(await emulated.realm.jobs.getItem("app/p/hello")).toBeDefined();

  expect((await lava("uninstall", "--env", "uat", "--yes")).status).toBe(0);
  expect(await emulated.realm.jobs.getItem("app/p/hello")).toBeUndefined();
});

test("a realm that is not there is one clear error, and nothing is built into it (FW-082)", async () => {
  const config = join(project, "config/uat.yaml");
  await writeFile(
    config,
    (await readFile(config, "utf8")).replaceAll(emulated.realm.name, "not-there"),
  );
  const { status, stderr } = await lava("deploy", "--env", "uat");

  expect(status).toBe(1);
  expect(stderr).toContain("There is no realm not-there");
  expect(stderr).toContain("[NO_SUCH_REALM]");
});

test("what AWS refuses is a failure with its reason, no bug of ours (FW-083)", async () => {
  await using other = await emulatedRealm({
    aws: emulated.aws,
    record: { s3_payloads: "s3://no-such-bucket/payloads" },
  });
  const config = join(project, "config/uat.yaml");
  await writeFile(
    config,
    (await readFile(config, "utf8")).replaceAll(emulated.realm.name, other.realm.name),
  );
  await mkdir(join(project, "lava-rules"), { recursive: true });
  const { status, stderr } = await lava("deploy", "--env", "uat");

  expect(status).toBe(1);
  expect(stderr).toMatch(/\[(?:AWS_FAULT|NO_SUCH_BUCKET)\]/);
});
