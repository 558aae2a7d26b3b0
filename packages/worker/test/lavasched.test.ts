import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DataMap, isMap } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { expect, test } from "vitest";
import { workerRealm, type WorkerRealm } from "./worker-realm.ts";

const scheduler = (more: DataMap = {}): DataMap => ({
  job_id: "sched",
  type: "lavasched",
  parameters: {
    dispatcher: ["main", "aux"],
    args: ["--level", "warning"],
    env: { PATH: "/bin", CRON_TZ: "UTC" },
    ...more,
  },
});

/** A worker whose `crontab` keeps its file in the folder of the test, and refuses what has `REFUSE` in it. */
async function start(setup: WorkerRealm, old?: string): Promise<string> {
  const bin = join(setup.folder, "bin");
  const file = join(setup.folder, "crontab.txt");
  await mkdir(bin, { recursive: true });
  const script = `#!/bin/sh
if [ "$1" = -l ]; then cat '${file}' 2>/dev/null; exit $?; fi
if grep -q REFUSE "$1"; then echo 'bad minute' >&2; exit 1; fi
cp "$1" '${file}'
`;
  await writeFile(join(bin, "crontab"), script);
  await chmod(join(bin, "crontab"), 0o755);
  if (old !== undefined) await writeFile(file, old);
  await setup.start({
    env: { ...setup.emulated.environment, PATH: `${bin}:${process.env["PATH"] ?? ""}` },
  });
  return file;
}

const info = (run: RunRecord): DataMap => {
  const entry = run.log.findLast(({ status }) => status === run.status)?.info;
  return isMap(entry) ? { ...entry } : { text: entry ?? null };
};

test("writes the block of its dispatchers, and nothing when it is as it should be (JOB-lavasched-04..10, WF-155)", async () => {
  await using setup = await workerRealm({
    jobs: [
      scheduler(),
      { job_id: "sch/b x", dispatcher: "main", schedule: " 6 6 * * * ", enabled: false },
      { job_id: "sch/a", dispatcher: "main", schedule: "0 1 * * *" },
      {
        job_id: "aux/100%",
        dispatcher: "aux",
        schedule: [
          { crontab: "0 2 * * *", to: "2000-01-01" },
          { crontab: "0 3 * * *", from: "2000-01-01" },
        ],
      },
      { job_id: "none", dispatcher: "main", schedule: "--" },
      { job_id: "null", dispatcher: "main", schedule: null },
      { job_id: "other", dispatcher: "other", schedule: "0 4 * * *" },
    ],
  });
  const file = await start(setup, "MAILTO=me\n1 1 * * * mine");

  const first = await setup.run("sched");
  const again = await setup.run("sched");

  expect(await readFile(file, "utf8")).toBe(`MAILTO=me
1 1 * * * mine
#### Lava Schedules Start ####
CRON_TZ=UTC
LAVA_REALM=${setup.realm.name}
PATH=/bin
0 3 * * * /usr/local/bin/lava-dispatcher --worker core --level warning aux/100\\%
0 1 * * * /usr/local/bin/lava-dispatcher --worker core --level warning sch/a
6 6 * * * /usr/local/bin/lava-dispatcher --worker core --level warning 'sch/b x'
#### Lava Schedules End ####
`);
  const result = info(first);
  expect(first.status).toBe("complete");
  expect(Object.keys(result).slice(0, 4)).toEqual([
    "exit_status",
    "crontab.old",
    "crontab.new",
    "crontab.diff",
  ]);
  expect(result["crontab.old"]).toMatch(/\/sched\/[^/]+\/crontab\.old$/);
  expect(result["crontab.diff"]).toEqual([
    "--- Old\n",
    "+++ New\n",
    "@@ -2 +2,9 @@\n",
    " 1 1 * * * mine",
    "+#### Lava Schedules Start ####",
    "+CRON_TZ=UTC",
    `+LAVA_REALM=${setup.realm.name}`,
    "+PATH=/bin",
    String.raw`+0 3 * * * /usr/local/bin/lava-dispatcher --worker core --level warning aux/100\%`,
    "+0 1 * * * /usr/local/bin/lava-dispatcher --worker core --level warning sch/a",
    "+6 6 * * * /usr/local/bin/lava-dispatcher --worker core --level warning 'sch/b x'",
    "+#### Lava Schedules End ####",
  ]);
  expect(again.status).toBe("complete");
  expect(info(again)["crontab.new"]).toBeUndefined();
});

test("bad schedules are told, all of them, and the others are written (JOB-lavasched-06)", async () => {
  await using setup = await workerRealm({
    jobs: [
      scheduler(),
      { job_id: "bad", dispatcher: "main", schedule: ["60 * * * *", "0 5 * * *"] },
      { job_id: "worse", dispatcher: "main", schedule: { from: "2026-01-01" } },
      { job_id: "line\nbreak", dispatcher: "main", schedule: "0 6 * * *" },
    ],
  });
  const file = await start(setup);

  const run = await setup.run("sched");

  expect(run.status).toBe("failed");
  const error = JSON.stringify(info(run));
  expect(error).toContain("Job bad: Bad schedule entry 1:");
  expect(error).toContain("Job worse: Bad schedule entry 1: Missing keys: crontab");
  expect(error).toContain("a line break cannot be in a crontab");
  expect(await readFile(file, "utf8")).toContain("\n0 5 * * * /usr/local/bin/lava-dispatcher");
});

test("what is around the block stays, and a block without an end is left alone (JOB-lavasched-12)", async () => {
  const old = "a\n#### Lava Schedules Start ####\nold\n#### Lava Schedules End ####\nb\n";
  await using setup = await workerRealm({ jobs: [scheduler()] });
  const file = await start(setup, old);

  await setup.run("sched");
  const written = await readFile(file, "utf8");
  const broken = written.replace("#### Lava Schedules End ####\n", "");
  await writeFile(file, broken);
  const run = await setup.run("sched");

  expect(written).toMatch(/^a\n#### Lava Schedules Start ####\nCRON_TZ=UTC\n(?:.*\n)*b\n$/);
  expect(run.status).toBe("failed");
  expect(JSON.stringify(info(run))).toContain("Lava Schedules End");
  expect(await readFile(file, "utf8")).toBe(broken);
});

test("what cron refuses is told with cron's words (JOB-lavasched-11)", async () => {
  await using setup = await workerRealm({
    jobs: [
      scheduler({ args: ["REFUSE"] }),
      { job_id: "a", dispatcher: "main", schedule: "0 1 * * *" },
    ],
  });
  await start(setup);

  const run = await setup.run("sched");

  expect(run.status).toBe("failed");
  expect(JSON.stringify(info(run))).toContain("Could not install new crontab - bad minute");
});

test("two runs on one host wait for each other (JOB-lavasched-13)", async () => {
  await using setup = await workerRealm({
    jobs: [
      scheduler(),
      { ...scheduler({ env: { OTHER: "1" } }), job_id: "sched2" },
      { job_id: "a", dispatcher: "main", schedule: "0 1 * * *" },
    ],
  });
  const bin = join(setup.folder, "bin");
  const calls = join(setup.folder, "calls");
  await mkdir(bin);
  const script = `#!/bin/sh
if [ "$1" = -l ]; then echo list >> '${calls}'; exec sleep 0.3; fi
echo install >> '${calls}'
`;
  await writeFile(join(bin, "crontab"), script);
  await chmod(join(bin, "crontab"), 0o755);
  await setup.start({
    env: { ...setup.emulated.environment, PATH: `${bin}:${process.env["PATH"] ?? ""}` },
  });

  const runs = await Promise.all([setup.run("sched"), setup.run("sched2")]);

  expect(runs.map(({ status }) => status)).toEqual(["complete", "complete"]);
  expect((await readFile(calls, "utf8")).trim().split("\n")).toEqual([
    "list",
    "install",
    "list",
    "install",
  ]);
});

test.each([
  ["no dispatcher", { dispatcher: null }, "dispatcher"],
  ["an argument that is no text (JOB-lavasched-02)", { args: [{ a: 1 }] }, "expected text"],
  ["variables that are no map (JOB-lavasched-03)", { env: ["A=1"] }, "env"],
])("%s kills the job before the crontab is read", async (_, more, text) => {
  await using setup = await workerRealm({ jobs: [scheduler(more)] });
  const file = await start(setup, "mine\n");

  const run = await setup.run("sched");

  expect(run.status).toBe("failed");
  expect(JSON.stringify(info(run))).toContain(text);
  expect(await readFile(file, "utf8")).toBe("mine\n");
});

test("a host without cron says so", async () => {
  await using setup = await workerRealm({ jobs: [scheduler()] });
  await setup.start({ env: { ...setup.emulated.environment, PATH: "/nonexistent" } });

  expect(JSON.stringify(info(await setup.run("sched")))).toContain("no program crontab");
});
