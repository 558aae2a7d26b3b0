import type { DataMap } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { expect, test } from "vitest";
import { type WorkerRealm, workerRealm } from "./worker-realm.ts";

/** No lease ends in these tests, however busy the machine is. */
const calm = { leaseMs: 30_000 };

const lastInfo = (run: RunRecord): unknown =>
  JSON.parse(JSON.stringify(run.log.at(-1)?.info ?? null));

async function output(setup: WorkerRealm, run: { job_id: string; run_id: string }, name: string) {
  const bytes = await setup.realm.temp.getOutput(run, name);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

test("a command is split before its words are rendered, and its environment is rendered (JOB-cmd-02, JOB-cmd-03, JOB-all-02)", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      {
        job_id: "words",
        payload: 'printf "%s;" "{{ vars.blank }}" $X',
        parameters: { vars: { blank: "a b" }, env: { X: "{{ vars.blank | upper }}" } },
      },
      {
        job_id: "plain",
        payload: 'printf "%s;" "{{x}}"',
        parameters: { jinja: false },
      },
      {
        job_id: "env",
        payload: "sh -c 'printf %s $X'",
        parameters: { vars: { a: "1" }, env: { X: "<{{ vars.a }}>" } },
      },
    ],
  });
  await setup.start();

  expect(await output(setup, await setup.run("words"), "stdout")).toBe("a b;$X;");
  expect(await output(setup, await setup.run("plain"), "stdout")).toBe("{{x}};");
  expect(await output(setup, await setup.run("env"), "stdout")).toBe("<1>");
});

test("a failure has its partial result as error_data, a fault of the job's parameters has none (JOB-all-02, JOB-all-03, JOB-cmd-08, JOB-cmd-09)", async () => {
  const of = (job_id: string, parameters: DataMap = {}, payload = "true"): DataMap => ({
    ...{ job_id, payload, parameters },
  });
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      of("fails", {}, "sh -c 'echo no >&2; exit 3'"),
      of("vars", { vars: [1] }),
      of("connections", { connections: { db: "db" } }),
    ],
  });
  await setup.start();

  const fails = await setup.run("fails");
  expect(lastInfo(fails)).toMatchObject({
    error_data: { exit_status: 3, error: "no" },
    error: "Failed with exit status 3",
  });
  for (const [job_id, word] of [
    ["vars", "vars"],
    ["connections", "connections"],
  ] as const) {
    const run = await setup.run(job_id);
    expect(run.status).toBe("failed");
    expect(lastInfo(run)).toMatchObject({ error_data: null });
    expect(JSON.stringify(lastInfo(run))).toContain(word);
  }
});

test("an empty chain is refused as a list and as text, and a payload of another kind (JOB-chain-04)", async () => {
  const of = (job_id: string, payload: DataMap["payload"]): DataMap => ({
    ...{ job_id, type: "chain", payload: payload ?? null },
  });
  await using setup = await workerRealm({
    ...calm,
    jobs: [of("list", []), of("text", ""), of("number", 3)],
  });
  await setup.start();

  for (const job_id of ["list", "text"]) {
    const run = await setup.run(job_id);
    expect(run.status).toBe("failed");
    expect(JSON.stringify(lastInfo(run))).toContain("Job chain is empty");
  }
  const number = await setup.run("number");
  expect(JSON.stringify(lastInfo(number))).toContain("Bad payload: must be string or list");
});

test("a child that a chain runs twice has one item with the events of both (JOB-chain-08)", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      { job_id: "twice", type: "chain", payload: "child,child" },
      { job_id: "child", payload: "true" },
    ],
  });
  await setup.start();

  const run = await setup.run("twice");
  const child = await setup.realm.events.get({ job_id: "child", run_id: run.run_id });

  expect(lastInfo(run)).toMatchObject({ exit_status: 0, jobs: ["child", "child"] });
  const statuses = child?.log.map(({ status }) => status) ?? [];
  expect(statuses.filter((status) => status === "complete")).toHaveLength(2);
});

test("faults of a package's command and of its arguments are told apart (JOB-pkg-02)", async () => {
  const of = (job_id: string, parameters: DataMap): DataMap => ({
    ...{ job_id, type: "pkg", payload: "a.zip", parameters },
  });
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      of("split", { command: "run 'it" }),
      of("word", { command: "run '{{ nothing.here }}'" }),
      of("args", { command: "run", args: ["{{ nothing.here }}"] }),
    ],
  });
  await setup.start();

  const error = async (job_id: string) => lastInfo(await setup.run(job_id));
  expect(await error("split")).toMatchObject({ error: "Bad payload: No closing quotation" });
  const message = expect.stringMatching(/^Bad command or args: 'nothing' is undefined/);
  expect(await error("word")).toMatchObject({ error: message });
  expect(await error("args")).toMatchObject({ error: message });
});

test("results have the fields of the wire, and parameters of a dispatch are rendered unless they ask not to be (WF-125, WF-129, WF-130, WF-131, WF-136, JOB-chain-09, JOB-foreach-14, JOB-dispatch-04)", async () => {
  const of = (job_id: string, type: string, more: DataMap): DataMap => ({ job_id, type, ...more });
  const inline: DataMap = { foreach: { type: "inline", values: [{ n: 1 }, { n: 0 }, { n: 2 }] } };
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      of("ok", "cmd", { payload: "echo hi" }),
      of("bad", "cmd", { payload: "false" }),
      of("odd", "cmd", { payload: "test '{{ globals.n }}' -gt 0" }),
      of("log", "log", { payload: "said" }),
      of("chain", "chain", { payload: "ok,bad", parameters: { can_fail: "bad" } }),
      of("each", "foreach", { payload: "odd", parameters: { ...inline, can_fail: true } }),
      of("sends", "dispatch", {
        payload: "told",
        parameters: { parameters: { args: ["{{ job.job_id }}"] } },
      }),
      of("sends-plain", "dispatch", {
        payload: "told",
        parameters: { jinja: false, parameters: { args: ["{{ job.job_id }}"] } },
      }),
      of("told", "cmd", { payload: "echo", parameters: { args: [] } }),
    ],
  });
  await setup.start();
  const result = async (job_id: string) => lastInfo(await setup.run(job_id));

  expect(await result("ok")).toMatchObject({
    exit_status: 0,
    output: [{ payload: "echo hi", exit_status: 0, stdout: expect.stringMatching(/\/stdout$/) }],
  });
  expect(await result("log")).toEqual({ exit_status: 0, error: null });
  expect(await result("chain")).toMatchObject({ jobs: ["ok"], failed_jobs: ["bad"] });
  expect(await result("each")).toMatchObject({
    ...{ exit_status: 0, foreach_len: 3, jobs_completed: 2, failed_indexes: [1] },
    limit: expect.any(Number),
  });
  for (const [job_id, text] of [
    ["sends", "sends\n"],
    // What was sent as it stood is rendered where it arrives.
    ["sends-plain", "told\n"],
  ] as const) {
    const { info } = (await setup.run(job_id)).log.at(-1) ?? {};
    expect(info).toMatchObject({ jobs: ["told"], run_ids: [expect.any(String)] });
    const run_id = /"run_ids":\["(.*?)"/.exec(JSON.stringify(info))?.[1] ?? "";
    const told = await setup.ended({ job_id: "told", run_id });
    expect(await output(setup, told, "stdout")).toBe(text);
  }
});

test("directories and files of a run are named as the wire formats have them (WF-230, WF-231, WF-232, WF-266, CLI-186)", async () => {
  const script = "#!/bin/sh\necho $PWD $TMPDIR $0\n";
  await using setup = await workerRealm({
    ...calm,
    jobs: [{ job_id: "where", type: "exe", payload: "where.sh" }],
    payloads: { "where.sh": script },
  });
  const worker = await setup.start();

  const run = await setup.run("where");

  const text = (await output(setup, run, "where.sh.stdout")) ?? "";
  const [cwd = "", temp = "", program = ""] = text.trim().split(" ");
  const { name } = setup.realm;
  expect(worker.folder).toBe(`${setup.folder}/lava/${name}/core.${process.pid}`);
  expect(cwd).toBe(`${worker.folder}/${run.run_id}`);
  expect(temp.slice(cwd.length)).toMatch(/^\/\.lava\.\w{8}\.tmp$/);
  expect(program.slice(cwd.length)).toMatch(/^\/pld-0-\w{8}\.d\/where\.sh$/);
});
