import { type Data, type DataMap, DecimalValue } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { describe, expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { type WorkerRealm, workerRealm } from "./worker-realm.ts";

/** No lease ends in these tests, however busy the machine is. */
const calm = { leaseMs: 30_000 };

const without = (job: object, field: string): DataMap =>
  Object.fromEntries(Object.entries(job).filter(([name]) => name !== field));
const statuses = ({ log }: RunRecord): string[] => log.map(({ status }) => status);
const infoOf = (run: RunRecord): unknown =>
  JSON.parse(JSON.stringify(run.log.at(-1)?.info ?? null));

async function output(
  setup: WorkerRealm,
  run: { job_id: string; run_id: string },
  name = "stdout",
) {
  const bytes = await setup.realm.temp.getOutput(run, name);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

test("the log of a run has the sequences of the original (WK-070, T-73, T-75)", async () => {
  const jobs: readonly (DataMap & { readonly ends: readonly string[] })[] = [
    { job_id: "complete", payload: "true", ends: ["starting", "running", "complete"] },
    {
      ...{ job_id: "tries", payload: "false", iteration_limit: 2, iteration_delay: 0 },
      ends: ["starting", "running", "retrying", "running", "failed"],
    },
    {
      ...{ job_id: "logs", payload: "true", event_log: { n: new DecimalValue("1") } },
      ends: ["starting", "logging", "running", "complete"],
    },
    {
      ...{ job_id: "acts", payload: "true", on_success: [{ action: "none" }] },
      ends: ["starting", "running", "complete", "action_failed"],
    },
    { job_id: "off", payload: "true", enabled: false, ends: ["skipped"] },
    { job_id: "yes", payload: "true", enabled: "yes", ends: ["starting", "skipped"] },
    {
      ...{ job_id: "true", payload: "true", enabled: "{{ ' TRUE ' }}" },
      ends: ["starting", "running", "complete"],
    },
    {
      ...{ job_id: "greedy", payload: "true", iteration_limit: 11 },
      ends: ["starting", "rejected"],
    },
    { job_id: "odd", type: "odd", payload: null, ends: ["starting", "failed"] },
  ];
  await using setup = await workerRealm({ ...calm, jobs: jobs.map((job) => without(job, "ends")) });
  await setup.start();

  for (const { job_id, ends } of jobs) {
    const run = await setup.run(String(job_id));
    expect([job_id, ...statuses(run)]).toEqual([job_id, ...ends]);
    // What tools read first is the last event.
    expect(run.status).toBe(ends.at(-1));
  }
  await eventually(async () => (await setup.messages()) === 0);
});

test("a job that fails deletes its message: only its iterations are tried again (WK-023, WK-024, T-70, T-83)", async () => {
  await using setup = await workerRealm({ ...calm, jobs: [{ job_id: "bad", payload: "false" }] });
  const worker = await setup.start();
  const received: string[] = [];
  worker.events.on("message", ({ message_id }) => received.push(message_id));

  const run = await setup.run("bad");
  await eventually(async () => (await setup.messages()) === 0);

  expect(run.status).toBe("failed");
  expect(received).toHaveLength(1);
});

test("the realm's on_fail is for the child and for each job around it (T-71)", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      { job_id: "outer", type: "chain", payload: "inner" },
      { job_id: "inner", type: "chain", payload: "bad" },
      { job_id: "bad", payload: "false" },
    ],
    record: { on_fail: [{ action: "log", message: "failed: {{ job.job_id }}" }] },
  });
  await setup.start();

  await setup.run("outer");

  const told = setup.logs.map(({ message }) => message).filter((text) => text.startsWith("failed"));
  expect(told).toEqual(["failed: bad", "failed: inner", "failed: outer"]);
});

test("max_tries that is no number is rejected and its message deleted (T-76)", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [{ job_id: "j", payload: "true", max_tries: "many" }],
  });
  await setup.start();

  const sent = await setup.realm.dispatch({ job_id: "j", worker: "core" });
  const run = await setup.ended(sent);

  expect(run).toMatchObject({ status: "rejected", extra: { x_reason: "bad_job_record" } });
  await eventually(async () => (await setup.messages()) === 0);
});

test("a job id may hold slashes, blanks and quotes (T-78)", async () => {
  const job_id = `a/b c/"it's"`;
  await using setup = await workerRealm({ ...calm, jobs: [{ job_id, payload: "echo x" }] });
  await setup.start();

  const run = await setup.run(job_id);

  expect(run.status).toBe("complete");
  expect(await output(setup, run)).toBe("x\n");
});

describe("a command", () => {
  test("is split as a POSIX shell splits, without a shell's operators, and rendered word by word (T-21, JOB-cmd-01, 02, 03, WK-134)", async () => {
    const payload = String.raw`printf "[%s]" "b\n" 'it''s' a#b ; | & > $HOME '' {{vars.blank}}`;
    await using setup = await workerRealm({
      ...calm,
      jobs: [
        {
          ...{ job_id: "split", payload },
          parameters: { args: ["{{ job.job_id }} x", 1], vars: { blank: "two words" } },
        },
        { job_id: "raw", payload: "echo {{x}}", parameters: { jinja: false } },
        { job_id: "silent", payload: "true" },
      ],
    });
    await setup.start();

    expect(await output(setup, await setup.run("split"))).toBe(
      String.raw`[b\n][its][a#b][;][|][&][>][$HOME][][two words][split x][1]`,
    );
    expect(await output(setup, await setup.run("raw"))).toBe("{{x}}\n");
    // JOB-all-04: what is empty leaves no object.
    expect(await output(setup, await setup.run("silent"))).toBeUndefined();
  });

  test("with faults in its spec fails with one text and no data (JOB-all-01, 02, 03, JOB-cmd-05, 09, JOB-dispatch-05, WK-101)", async () => {
    const faults: Readonly<Record<string, { [field: string]: Data; error: string }>> = {
      unclosed: { payload: "echo 'x", error: "Bad payload: No closing quotation" },
      conn: {
        ...{ payload: "true", parameters: { connections: {} } },
        error: "Bad job parameters: Unexpected keys: connections",
      },
      vars: { payload: "true", parameters: { vars: [] }, error: "vars must be a map/dict" },
      none: { payload: null, error: "payload required" },
      blank: {
        payload: "echo {{ x }}",
        error: expect.stringContaining("Bad payload: unexpected 'end of template'"),
      },
      dispatch: {
        ...{ type: "dispatch", payload: { a: 1 } },
        error: "Payload must be comma separated list or real list of job IDs",
      },
    };
    await using setup = await workerRealm({
      ...calm,
      jobs: Object.entries(faults).map(([job_id, job]) => ({ job_id, ...without(job, "error") })),
    });
    await setup.start();

    for (const [job_id, { error }] of Object.entries(faults)) {
      expect([job_id, infoOf(await setup.run(job_id))]).toEqual([
        job_id,
        { error_data: null, error },
      ]);
    }
  });
});

test("a message replaces whole parameters and globals of the record, key by key (WK-043, WK-044)", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      {
        ...{ job_id: "m", payload: "echo {{vars.a}}-{{vars.b}}-{{globals.x}}-{{globals.y}}" },
        parameters: { vars: { a: "1", b: "2" } },
        globals: { x: "own", y: "own" },
      },
    ],
  });
  await setup.start();

  const run = await setup.run("m", {
    job_id: "m",
    parameters: { vars: { a: "9" } },
    globals: { y: "sent" },
  });
  // A whole map is replaced, so that `b` is gone; what is undefined prints as nothing (WK-130).
  expect(await output(setup, run)).toBe("9--own-sent\n");
});

describe("a chain", () => {
  test("goes on after what may fail, and a child that is there twice has one item (JOB-chain-03, 08, T-20)", async () => {
    await using setup = await workerRealm({
      ...calm,
      jobs: [
        {
          ...{ job_id: "chain", type: "chain", payload: "a, bad, a" },
          parameters: { job_prefix: "p/", can_fail: ["P*", "p*d"] },
        },
        { job_id: "p/a", payload: "echo {{job.run_id}}" },
        { job_id: "p/bad", payload: "false" },
      ],
    });
    await setup.start();

    const run = await setup.run("chain");

    expect(infoOf(run)).toMatchObject({ jobs: ["p/a", "p/a"], failed_jobs: ["p/bad"] });
    const child = await setup.realm.events.get({ job_id: "p/a", run_id: run.run_id });
    const once = ["starting", "running", "complete"];
    expect(child && statuses(child)).toEqual([...once, ...once]);
  });

  test("measures a late child from its own dispatch (JOB-all-07)", async () => {
    await using setup = await workerRealm({
      ...calm,
      jobs: [
        { job_id: "chain", type: "chain", payload: "slow, late" },
        { job_id: "slow", payload: "sleep 2.1" },
        { job_id: "late", payload: "true", max_run_delay: "1s" },
      ],
    });
    await setup.start();

    const run = await setup.run("chain");

    expect(run.status).toBe("failed");
    const late = await setup.realm.events.get({ job_id: "late", run_id: run.run_id });
    expect(late && statuses(late)).toEqual(["starting", "rejected"]);
  });
});

test("faults of exe, pkg and foreach have the texts of the original (JOB-exe-01, JOB-pkg-01, 02, JOB-foreach-16)", async () => {
  const only = 'Only one of "command" or "main" (deprecated) allowed';
  const source = { type: "inline", values: [], more: 1 };
  const faults: Readonly<Record<string, { readonly job: DataMap; readonly error: string }>> = {
    exe: { job: { type: "exe", payload: "a.sh 'x" }, error: "Bad payload: No closing quotation" },
    words: {
      job: { type: "exe", payload: "a.sh {{" },
      error: "Bad payload or args: unexpected 'end of template'",
    },
    none: { job: { type: "pkg", payload: "a.zip" }, error: "Bad job parameters: No command" },
    both: {
      job: { type: "pkg", payload: "a.zip", parameters: { command: "a", main: "b" } },
      error: `Bad job parameters: ${only}`,
    },
    split: {
      job: { type: "pkg", payload: "a.zip", parameters: { command: "a 'x" } },
      error: "Bad payload: No closing quotation",
    },
    args: {
      job: { type: "pkg", payload: "a.zip", parameters: { command: "a", args: ["{{"] } },
      error: "Bad command or args: unexpected 'end of template'",
    },
    source: {
      job: { type: "foreach", payload: "x", parameters: { foreach: source } },
      error: "Unexpected keys: more",
    },
  };
  await using setup = await workerRealm({
    ...calm,
    jobs: Object.entries(faults).map(([job_id, { job }]) => ({ job_id, ...job })),
    payloads: { "a.sh": "#!/bin/sh\n", "a.zip": "" },
  });
  await setup.start();

  for (const [job_id, { error }] of Object.entries(faults)) {
    const said = infoOf(await setup.run(job_id));
    expect([job_id, said]).toMatchObject([job_id, { error: expect.stringContaining(error) }]);
  }
});

test("a dag's prefix is for its keys and its values (JOB-dag-01)", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      {
        ...{ job_id: "dag", type: "dag", payload: { b: "a" } },
        parameters: { job_prefix: "p/" },
      },
      { job_id: "p/a", payload: "true" },
      { job_id: "p/b", payload: "true" },
    ],
  });
  await setup.start();

  expect(infoOf(await setup.run("dag"))).toMatchObject({ jobs: ["p/a", "p/b"], failed_jobs: [] });
});

test("templates see the times and the counters of the run, and utils (WK-131, WK-132, WK-136)", async () => {
  const text = [
    "{{globals.lava.iteration}}",
    "{{globals.lava.master_start==start}}",
    "{{utils.s3bucket('s3://b/k')}}",
    "{{utils.path.basename('a/')}}",
    "{{utils.re.sub('(?P<n>b)','[\\\\g<n>]','abc')}}",
    "{{realm.realm==job.realm}}",
  ];
  await using setup = await workerRealm({
    ...calm,
    jobs: [{ job_id: "t", payload: "echo", parameters: { args: text } }],
  });
  await setup.start();

  const run = await setup.run("t");

  expect([run.status, await output(setup, run)]).toEqual(["complete", "1 True b  a[b]c True\n"]);
});
