import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "@lava/core";
import { emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
import { type CliResult, runCli } from "./cli.ts";
import { tempFolder } from "./temp-folder.ts";

async function setUp() {
  const emulated = await emulatedRealm({
    workers: ["core", "other"],
    jobs: [{ job_id: "a" }, { job_id: "off", enabled: false }],
  });
  const env = { ...emulated.environment, LAVA_REALM: emulated.realm.name };
  const dispatcher = (
    args: readonly string[],
    more: Record<string, string> = {},
  ): Promise<CliResult> => runCli(["dispatcher", ...args], { env: { ...env, ...more } });
  const receive = async (worker = "core") =>
    parseJson((await emulated.realm.queue(worker).receive({ wait: 1 }))?.body ?? "null");
  return {
    emulated,
    dispatcher,
    receive,
    [Symbol.asyncDispose]: () => emulated[Symbol.asyncDispose](),
  };
}

test("each job is tried, and one that fails makes the status 1 (CLI-012, CLI-083, CLI-084, CLI-089)", async () => {
  await using setup = await setUp();

  const result = await setup.dispatcher(["--tag", "cron", "nope", "off"]);

  const realm = setup.emulated.realm.name;
  expect(result.status).toBe(1);
  expect(result.stderr).toMatch(
    new RegExp(
      `^cron: MainThread: nope@${realm} dispatch failed - nope: No such job\ncron: MainThread: off@${realm} dispatched \\([0-9a-f-]{36}\\)\n$`,
    ),
  );
  expect(await setup.receive()).toEqual({
    ...{ realm, job_id: "off", worker: "core" },
    run_id: expect.stringMatching(/^[\da-f-]{36}$/),
    ts_dispatch: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d|Z)$/),
  });
});

test("a line of a crontab goes on to work: worker, queue, nested parameters (CLI-085..088, TRIG-16)", async () => {
  await using setup = await setUp();
  const realm = setup.emulated.realm.name;
  const line = ["--worker", "core", "--level", "warning", "--check-dispatch", "-d", "0.4s"];

  const result = await setup.dispatcher(
    [...line, "-q", `lava-${realm}-other`, "-p", "env.DAY=1", "-g", "x.y=2", "sch/b x"],
    { LAVA_NO_DISPATCH: "/nonexistent" },
  );

  expect(result).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(await setup.receive("other")).toMatchObject({
    worker: "core",
    job_id: "sch/b x",
    parameters: { env: { DAY: "1" } },
    globals: { x: { y: "2" } },
  });
});

test("--check-dispatch sends nothing while the file is there (CLI-090, OPS-190, WF-233)", async () => {
  await using setup = await setUp();
  await using folder = await tempFolder();
  const file = join(folder.path, "nodispatch");
  await writeFile(file, "");

  const kept = await setup.dispatcher(["--check-dispatch", "a"], { LAVA_NO_DISPATCH: file });
  const sent = await setup.dispatcher(["a"], { LAVA_NO_DISPATCH: file });

  expect(kept.status).toBe(0);
  expect(kept.stderr).toContain(`Dispatch suppressed by presence of ${file}`);
  expect(sent.stderr).toContain("dispatched");
});

test("--log-json writes the records of WF-182 (CLI-014, CLI-091)", async () => {
  await using setup = await setUp();

  const { stderr } = await setup.dispatcher(["--log-json", "a"]);

  const record: unknown = JSON.parse(stderr);
  expect(Object.keys(Object(record))).toEqual([
    "event_source",
    "realm",
    "host",
    "tag",
    "timestamp",
    "level",
    "message",
    "pid",
    "event_type",
    "job_id",
    "run_id",
  ]);
  expect(record).toMatchObject({
    event_source: "lava-dispatcher",
    level: "INFO",
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
  });
});

test.each([
  [["-d", "16m", "a"], "Must be between 0 and 15 minutes"],
  [["-d", "soon", "a"], "Invalid duration"],
  [["-p", "a=1", "-p", "a.b=2", "x"], "a.b"],
  [["-l", "loud", "a"], "unknown level"],
  [[], "job-id"],
])("%j is wrong usage (CLI-013, CLI-020)", async (args, text) => {
  const result = await runCli(["dispatcher", "-r", "t", ...args], {});

  expect(result.status).toBe(2);
  expect(result.stderr).toContain(text);
});

test("a realm must be named, by -r or else by LAVA_REALM (CLI-009)", async () => {
  expect(await runCli(["dispatcher", "a"], {})).toMatchObject({ status: 2 });
  await using setup = await setUp();
  const realm = setup.emulated.realm.name;
  const by = (args: string[], LAVA_REALM: string | undefined) =>
    runCli(["dispatcher", ...args, "a"], { env: { ...setup.emulated.environment, LAVA_REALM } });

  expect(await by([], realm)).toMatchObject({ status: 0 });
  expect(await by(["--realm", realm], "nowhere")).toMatchObject({ status: 0 });
  expect((await by(["-r", "nowhere"], realm)).stderr).toContain("nowhere");
});
