import { type EmulatedRealm, emulatedRealm, fakeClock } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CliResult, runCli } from "./cli.ts";

let emulated: EmulatedRealm;

beforeAll(async () => {
  emulated = await emulatedRealm({
    record: { "x-lava-zones": { main: "Australia/Sydney" } },
    jobs: [
      { job_id: "a", dispatcher: "main", schedule: "0 6 * * mon-fri" },
      { job_id: "bad", dispatcher: "main", schedule: "0 0 31 2 *" },
      { job_id: "worse", dispatcher: "main", schedule: ["60 * * * *"] },
      { job_id: "plain" },
    ],
  });
});
afterAll(() => emulated[Symbol.asyncDispose]());

const lava = (...args: string[]): Promise<CliResult> =>
  runCli(args, {
    env: emulated.environment,
    clock: fakeClock(Date.parse("2026-11-23T07:47:15Z")),
  });

describe("lava schedule", () => {
  test("show lists what runs by itself, and what is wrong", async () => {
    const { stdout, status } = await lava("schedule", "show");

    expect(status).toBe(0);
    expect(stdout).toContain("Tue 2026-11-24 06:00:00 GMT+11  Australia/Sydney");
    expect(stdout).toMatch(/^bad .*never runs$/m);
    expect(stdout).toMatch(/^worse .*60 is not from 0 to 59$/m);
    expect(stdout).not.toContain("plain");
  });

  test("next tells times of a job, and of a crontab time without a realm", async () => {
    const job = await lava("schedule", "next", "a", "-n", "2", "--json");
    const time = await runCli(
      ["schedule", "next", "@daily", "--zone", "Europe/Berlin", "-n", "1"],
      {
        clock: fakeClock(Date.parse("2026-11-23T07:47:15Z")),
      },
    );

    expect(JSON.parse(job.stdout)).toMatchObject({
      zone: "Australia/Sydney",
      times: ["2026-11-23T19:00:00.000Z", "2026-11-24T19:00:00.000Z"],
    });
    expect(time.stdout).toBe("Tue 2026-11-24 00:00:00 GMT+1  2026-11-23T23:00:00Z\n");
  });

  test.each([
    ["0 6 * * mon-fri", "at 06:00, on Monday, Tuesday, Wednesday, Thursday and Friday"],
    ["30 2 1 * mon", "at 02:30, on day 1 of the month and also on Monday"],
    ["*/30 8-9 * jan *", "at 08:00, 08:30, 09:00 and 09:30, every day in January"],
    ["* * * * *", "every minute of every hour, every day"],
    ["0 5-3 * * *", "never"],
  ])("explain says what %s means", async (text, words) => {
    expect((await lava("schedule", "explain", text)).stdout).toContain(words);
  });

  test("explain names what is wrong, with status 1", async () => {
    const { stderr, status } = await lava("schedule", "explain", "worse");

    expect(status).toBe(1);
    expect(stderr).toContain('entry 1: Bad schedule "60 * * * *": minute "60"');
  });

  test("explain says what was meant, and that no schedule is none", async () => {
    const misspelt = await lava("schedule", "explain", "0 6 * * mon-fry", "--json");

    expect(misspelt.status).toBe(1);
    expect(JSON.parse(misspelt.stdout)).toMatchObject({
      times: [],
      faults: [{ entry: 1, hint: 'Did you mean "fri"?' }],
    });
    expect((await lava("schedule", "explain", "")).stdout).toContain("there is no schedule");
    expect(
      (await lava("schedule", "next", "0 6 * * *", "--zone", "Europe/Berlni")).stderr,
    ).toContain("hint: Did you mean Europe/Berlin?");
  });

  test("show, slots, pause and resume print JSON for scripts", async () => {
    const show = await lava("schedule", "show", "a", "--json");
    const pause = await lava("schedule", "pause", "a", "--json");
    const resume = await lava("schedule", "resume", "a", "--json");
    const slots = await lava("schedule", "slots", "a", "--json");

    expect(JSON.parse(show.stdout)).toMatchObject([
      { job_id: "a", dispatcher: "main", zone: "Australia/Sydney", problem: "" },
    ]);
    expect(JSON.parse(pause.stdout)).toEqual([{ target: "job/a", outcome: "paused" }]);
    expect(JSON.parse(resume.stdout)).toEqual([{ target: "job/a", outcome: "resumed" }]);
    expect(JSON.parse(slots.stdout)).toEqual([]);
  });

  test.each([
    [["schedule", "show", "plian"], "plain"],
    [["schedule", "slots", "plian"], "plain"],
    [["schedule", "next", "plian"], "plain"],
    [["schedule", "pause", "plian"], "plain"],
    [["backfill", "plian", "--from", "2026-11-01", "--to", "2026-11-02"], "plain"],
    [["schedule", "slots", "a", "--state", "mised"], "missed"],
    [["schedule", "next", "a", "--from", "yesterday"], "is not a time"],
    [["backfill", "a", "--from", "2026-11-02", "--to", "2026-11-01"], "--from"],
    [["backfill", "a", "--from", "2026-11-01", "--to", "2026-11-02", "--parallel", "0"], "above 0"],
    [["backfill", "plain", "--from", "2026-11-01", "--to", "2026-11-02"], "no schedule"],
  ])("%j fails and says what was meant", async (args, text) => {
    const { status, stderr } = await lava(...args);

    expect(status).toBeGreaterThan(0);
    expect(stderr).toContain(text);
  });

  test("pause keeps a note, resume ends it", async () => {
    const paused = await lava("schedule", "pause", "a", "--note", "db upgrade");
    const shown = await lava("schedule", "show", "a");
    const resumed = await lava("schedule", "resume", "a");
    const again = await lava("schedule", "resume", "a");

    expect(paused.stdout).toBe("job/a: paused\n");
    expect(shown.stdout).toContain("paused: db upgrade");
    expect(resumed.stdout).toBe("job/a: resumed\n");
    expect(again.stdout).toBe("job/a: was not paused\n");
  });

  test("an unknown job is named", async () => {
    expect(await lava("schedule", "pause", "nope")).toMatchObject({ status: 1 });
    expect((await lava("schedule", "pause")).status).toBe(2);
  });
});

describe("lava backfill", () => {
  const range = ["--from", "2026-11-16", "--to", "2026-11-19"];

  test("--dry-run prints the slots of the range in the job's zone", async () => {
    const { stdout } = await lava("backfill", "a", ...range, "--dry-run");

    expect(stdout.split("\n").slice(0, -1)).toEqual([
      "Mon 2026-11-16 06:00:00 GMT+11  to be dispatched",
      "Tue 2026-11-17 06:00:00 GMT+11  to be dispatched",
      "Wed 2026-11-18 06:00:00 GMT+11  to be dispatched",
    ]);
  });

  test("dispatches each slot once, with its time, and waits for the runs", async () => {
    const { realm } = emulated;
    const origin = { worker: "core", hostname: "h" };
    const command = lava("backfill", "a", ...range, "--parallel", "2", "--json");
    const seen: unknown[] = [];
    while (seen.length < 3) {
      const message = await realm.queue("core").receive({ wait: 5 });
      if (message === undefined) continue;
      const { run_id, globals } = JSON.parse(message.body);
      seen.push(globals.slot);
      await realm.events.append({ job_id: "a", run_id }, { status: "complete" }, { origin });
    }
    const { stdout, status } = await command;
    const again = await lava("backfill", "a", ...range, "--json");

    expect(status).toBe(0);
    expect(seen.toSorted()).toEqual([
      "2026-11-15T19:00:00.000Z",
      "2026-11-16T19:00:00.000Z",
      "2026-11-17T19:00:00.000Z",
    ]);
    expect(JSON.parse(stdout).map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      "complete",
      "complete",
      "complete",
    ]);
    expect(
      new Set(JSON.parse(again.stdout).map(({ outcome }: { outcome: string }) => outcome)),
    ).toEqual(new Set(["already"]));
  });

  test("a range of one moment is fine, one the wrong way round is not", async () => {
    const at = "2026-11-16T06:00";

    expect((await lava("backfill", "a", "--from", at, "--to", at, "--dry-run")).stdout).toContain(
      "06:00:00",
    );
    expect(await lava("backfill", "a", "--from", "2026-11-19", "--to", "2026-11-16")).toMatchObject(
      {
        status: 2,
        stderr: expect.stringContaining("BAD_BACKFILL"),
      },
    );
  });

  test("a job without a schedule is refused", async () => {
    expect((await lava("backfill", "plain", ...range)).stderr).toContain("NO_SCHEDULE");
  });
});
