import { readFile, writeFile } from "node:fs/promises";
import { fakeClock, type EmulatedRealm, emulatedRealm, projectDir } from "@lava/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "./cli.ts";

let emulated: EmulatedRealm;
let files: Awaited<ReturnType<typeof projectDir>>;
const NOON = Date.parse("2026-11-23T12:00:00Z");
const clock = fakeClock(NOON);
beforeAll(async () => {
  files = await projectDir({ "none.txt": "" });
  emulated = await emulatedRealm({ clock, jobs: [{ job_id: "a" }, { job_id: "b" }] });
  const minute = 60_000;
  // One try over two slices, and another; one that never ended; one of another worker, twice at the same time.
  await put("a", "1", "core", [
    ["starting", 0],
    ["running", 8 * minute],
    ["retrying", 13 * minute],
    ["running", 14 * minute],
    ["failed", 14.5 * minute],
  ]);
  await put("a", "2", "core", [["running", 25 * minute]]);
  await put("b", "3", "big", [
    ["running", 20 * minute],
    ["complete", 30 * minute],
  ]);
  await put("b", "4", "big", [
    ["running", 20 * minute],
    ["complete", 30 * minute],
  ]);
  await put("b", "5", "idle", [["skipped", 0]]);
});
afterAll(async () => {
  await emulated[Symbol.asyncDispose]();
  await files[Symbol.asyncDispose]();
});

async function put(
  job_id: string,
  run_id: string,
  worker: string,
  events: readonly (readonly [
    "starting" | "running" | "retrying" | "failed" | "complete" | "skipped",
    number,
  ])[],
): Promise<void> {
  const origin = { worker, hostname: "h" };
  const log = events.map(([status, after]) => ({ status, time: NOON + after }));
  await emulated.realm.events.append({ job_id, run_id }, log, { origin });
}

async function activity(...args: string[]) {
  return runCli(["job-activity", ...args], {
    env: { ...emulated.environment, LAVA_REALM: emulated.realm.name },
    cwd: files.path,
    clock,
  });
}

const SPAN = ["-s", "2026-11-23T12:00", "-e", "2026-11-23T23:30+11:00"];

test("run seconds are laid over slices, by job and by worker, the busiest first (CLI-115, CLI-117, CLI-118, CLI-119)", async () => {
  const { stdout, stderr, status } = await activity("a", "b", "none", ...SPAN);

  expect(status).toBe(0);
  expect(stdout).toBe(
    [
      "Job ID,2026-11-23 12:00:00,2026-11-23 12:10:00,2026-11-23 12:20:00",
      "b,0,0,1200",
      "a,120,210,0",
      "",
      "Worker,2026-11-23 12:00:00,2026-11-23 12:10:00,2026-11-23 12:20:00",
      "big,0,0,1200",
      "core,120,210,0",
      "idle,0,0,0",
      "",
    ].join("\r\n"),
  );
  expect(stderr).toBe(
    "Getting data for a ... 2 completed job run(s) found\n" +
      "Getting data for b ... 3 completed job run(s) found\n" +
      "Getting data for none ... 0 completed job run(s) found\n",
  );
  expect((await activity("a", "-q", ...SPAN)).stderr).toBe("");
  expect(JSON.parse((await activity("a", "-q", "--json", ...SPAN)).stdout)).toMatchObject({
    slices: ["00", "10", "20"].map((minute) => `2026-11-23T12:${minute}:00.000Z`),
    jobs: [{ name: "a", slices: [120, 210, 0], total: 330 }],
  });
});

test("the time is the day since midnight, turned round where it is reversed; the last slice may be shorter (CLI-116, CLI-121)", async () => {
  const header = async (...args: string[]): Promise<string[]> =>
    (await activity("a", "-q", ...args)).stdout.split("\r\n")[0]?.split(",").slice(1) ?? [];

  const day = await header("-i", "720");
  expect(day).toEqual(["2026-11-23 00:00:00", "2026-11-23 12:00:00"]);
  expect(await header("-i", "1440", "-s", "2026-11-20")).toEqual(["2026-11-20 00:00:00"]);
  expect(await header("-i", "60", "-s", "2026-11-23 13:30", "-e", "2026-11-23T12:00:00Z")).toEqual([
    "2026-11-23 12:00:00",
    "2026-11-23 13:00:00",
  ]);
});

test("a dump is what the original loads, and is loaded in part (CLI-120, CLI-122)", async () => {
  await activity("a", "b", ...SPAN, "--dump", "day.json");
  const dump: unknown = JSON.parse(await readFile(files.file("day.json"), "utf8"));
  const again = await activity("a", "--load", "day.json", "--dump", "part.json", "-i", "30");

  expect(dump).toMatchObject({
    realm: emulated.realm.name,
    timespan: { start_dt: "2026-11-23T12:00:00+00:00", end_dt: "2026-11-23T12:30:00+00:00" },
    jobs: ["a", "b"],
    events: [
      {
        ...{ job_id: "a", run_id: "1", status: "failed", worker: "core" },
        tu_event: "2026-11-23T12:14:30",
        runtimes: [{ start_dt: "2026-11-23T12:08:00+00:00" }, {}],
      },
      { run_id: "2", runtimes: [] },
      { run_id: "5" },
      { run_id: "3" },
      { run_id: "4" },
    ],
  });
  expect(again.stdout).toContain("a,330\r\n\r\nWorker,2026-11-23 12:00:00\r\ncore,330\r\n");
  expect(again.stderr).toBe("Raw data dumped to part.json\n");
  expect((await activity("--load", "day.json", "--status", "failed")).stdout).not.toContain("big");

  const refused = async (...args: string[]) => (await activity(...args)).stderr;
  expect(await refused("c", "--load", "day.json")).toMatch(/day\.json: These jobs are missing: c/);
  expect(await refused("--load", "day.json", "-s", "2026-11-22")).toMatch(/is not within dump/);
  expect(await refused("--load", "day.json", "-r", "other", "--dump", "x")).toMatch(/other/);
  await writeFile(files.file("bad.json"), '{ "realm": "r" }');
  expect(await refused("--load", "bad.json")).toMatch(/bad\.json: .*timespan/);
});

test.each([
  ["no job", [], /Job ids are needed without --load/],
  [
    "one file for both",
    ["--load", "d.json", "--dump", "./d.json"],
    /cannot point to the same file/,
  ],
  ["a start that is none", ["a", "-s", "today"], /bad timestamp/],
  ["an end that is none", ["a", "-e", "2026-13-01"], /bad timestamp/],
  ["an interval of nothing", ["a", "-i", "0"], /above 0/],
])("%s is wrong usage (CLI-122)", async (_what, args, message) => {
  const { status, stderr } = await activity(...args);

  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});
