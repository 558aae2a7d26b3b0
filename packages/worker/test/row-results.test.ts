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
