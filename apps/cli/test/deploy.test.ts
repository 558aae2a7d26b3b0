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
  // A rollback tells the same.
  await lava("deploy", "--env", "uat");
  await emulated.realm.jobs.put({
    ...{ job_id: "chained", type: "chain", worker: "core", enabled: true },
    payload: "app/p/timed",
  });
  const back = await lava("rollback", "--env", "uat", "--dry-run");
  expect(back.stdout).toMatch(/job app\/p\/timed runs next \(UTC\): \S+ 06:00Z, .* -> never/);
  expect(back.stderr).toContain("job app/p/timed is deleted, and job chained starts it");
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

/** Makes the emulated realm the one of `lava dev`. */
async function asDevRealm(): Promise<void> {
  const env = emulated.environment;
  const endpoint = String(env["AWS_ENDPOINT_URL"]);
  await mkdir(join(project, ".lava-dev"), { recursive: true });
  await writeFile(
    join(project, ".lava-dev/realm.json"),
    JSON.stringify({
      ...{ endpoint, port: Number(new URL(endpoint).port), region: env["AWS_REGION"] },
      accessKeyId: env["AWS_ACCESS_KEY_ID"],
      secretAccessKey: env["AWS_SECRET_ACCESS_KEY"],
      ...{ realm: emulated.realm.name, environment: "uat", workers: ["core"] },
    }),
  );
}

test("what was built or planned for AWS is not taken for the dev realm's, nor the other way round", async () => {
  await asDevRealm();
  await using other = await emulatedRealm({
    name: emulated.realm.name,
    record: { s3_temp: "s3://in-aws/temp" },
  });
  await writeFile(
    join(project, "lava-jobs/place.yaml"),
    "job_id: app/p/place\ndescription: <{ lava.realm.s3_temp }>\nowner: o\nenabled: true\nworker: core\ntype: cmd\npayload: echo\n",
  );
  const { PATH } = process.env;
  const dev = async (...args: string[]) =>
    await runCli([...args, "--dev"], { cwd: project, env: { PATH } });
  const inAws = async (...args: string[]) =>
    await runCli([...args, "--env", "uat"], { cwd: project, env: { ...other.environment, PATH } });
  const unchanged = "0 to create, 0 to update, 0 to delete";

  expect((await dev("deploy")).status).toBe(0);
  const built = await runCli(["build", "--env", "uat"], { cwd: project, env: { PATH } });
  expect(built.status).toBe(0);
  expect(built.stderr).toContain("--dev is for that of lava dev");
  expect((await dev("plan")).stdout).toContain(unchanged);
  expect((await inAws("deploy")).status).toBe(0);
  expect(await other.realm.jobs.getItem("app/p/place")).toMatchObject({
    description: "s3://in-aws/temp",
  });
  expect((await dev("plan")).stdout).toContain(unchanged);
  expect((await inAws("build")).stderr).toContain("warning");
  expect((await inAws("build", "--refresh")).stderr).toBe("");
  expect((await inAws("plan")).stdout).toContain(unchanged);
  expect((await dev("plan")).stdout).toContain(unchanged);
});

test("a saved plan is carried out where it was made for, and nowhere else", async () => {
  await lava("plan", "--env", "uat", "--out", "uat.plan");
  const file = join(project, "uat.plan");
  const saved = await readFile(file, "utf8");
  const refused = async (from: RegExp, to: string): Promise<string> => {
    await writeFile(file, saved.replace(from, to));
    const { status, stderr } = await lava("deploy", "uat.plan");
    expect(status).toBe(1);
    return stderr;
  };

  expect(await refused(/"endpoint": "[^"]*",/, "")).toMatch(
    /is for realm \w+ in AWS, not at http:[^]*without --dev/,
  );
  expect(await refused(/("payloadArea": "s3:\/\/)/, "$1x")).toContain("has them in s3://lava-");
  expect(await refused(/^(  "project": ")/m, "$1x")).toContain("is for project xp in realm");
  expect(await emulated.realm.jobs.listItems()).toEqual([]);
  await writeFile(file, saved);
  expect((await lava("deploy", "uat.plan")).status).toBe(0);
  const none = await lava("deploy", "none.plan");
  expect(none).toMatchObject({ status: 2, stdout: "" });
  expect(none.stderr).toMatch(
    /Cannot read the plan none\.plan: [^]*\[BAD_PLAN\][^]*lava plan --out/,
  );
});

test("a saved plan that does not fit any more is refused as a whole; one that was carried out in part is taken up", async () => {
  const words = ["plan", "--env", "uat", "--out", "uat.plan"];
  expect((await lava("deploy", "--env", "uat")).status).toBe(0);
  const [item] = await emulated.realm.jobs.listItems();
  const id = String(item?.["job_id"]);
  const hand = { ...item, description: "by hand" };
  const file = join(project, "lava-jobs/more.yaml");
  const one = (await readFile(join(project, "lava-jobs/hello.yaml"), "utf8")).trimEnd();
  await writeFile(join(project, "lava-jobs/hello.yaml"), `${one}\nx-note: new\n`);
  await writeFile(file, one.replace(/^job_id: .*/m, "job_id: app/p/more"));
  await lava(...words);

  await emulated.realm.jobs.put(hand);
  const refused = await lava("deploy", "uat.plan");
  expect(refused).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(`job ${id} was changed since the plan was made`),
  });
  expect(await emulated.realm.jobs.listItems()).toEqual([hand]);

  await emulated.realm.jobs.put(item ?? {});
  await lava("deploy", "--env", "uat", "--only", "lava-jobs/more.yaml");
  expect((await lava("deploy", "uat.plan")).status).toBe(0);
  expect(await emulated.realm.jobs.getItem(id)).toMatchObject({ "x-note": "new" });
});

test("a pipeline builds and plans only what it is told to, and says what a plan breaks and when jobs run", async () => {
  const job = (id: string, more: string): string =>
    `job_id: app/p/${id}\ndescription: d\nowner: o\nenabled: true\nworker: core\n${more}\n`;
  await writeFile(
    join(project, "lava-jobs/timed.yaml"),
    job(
      "timed",
      "type: sqli\npayload: select 1\ndispatcher: main\nschedule: 0 6 * * *\nparameters: {conn_id: nowhere}",
    ),
  );
  await writeFile(join(project, "lava-jobs/left.yaml"), job("left", "type: cmd\npayload: echo"));
  const words = ["ci", "--env", "uat", "--only", "lava-jobs/timed.yaml", "--deploy"];
  const { status, stdout, stderr } = await lava(
    ...words,
    "--markdown",
    "ci.md",
    "--sarif",
    "s.json",
  );

  expect({ status, stdout }).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("1 to create"),
  });
  expect((await emulated.realm.jobs.listItems()).map(({ job_id }) => job_id)).toEqual([
    "app/p/timed",
  ]);
  const reason = "connection nowhere is not in the realm, and job app/p/timed uses it";
  expect(stderr).toContain(reason);
  expect(await readFile(join(project, "s.json"), "utf8")).toContain(reason);
  const markdown = await readFile(join(project, "ci.md"), "utf8");
  expect(markdown).toContain(reason);
  expect(markdown).toMatch(/job `app\/p\/timed` runs next \(UTC\): \d{4}-\d\d-\d\d 06:00Z/);
  expect((await lava("ci", "--env", "uat", "--strict", "--prune")).status).toBe(0);
});
