import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type EmulatedRealm, emulatedRealm } from "@lava/testing";
import { startWorker } from "@lava/worker";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CliResult, runCli } from "./cli.ts";

let emulated: EmulatedRealm;
let worker: AsyncDisposable;

const job = (job_id: string, payload: string, more = {}) => ({
  job_id,
  type: "cmd",
  worker: "core",
  payload,
  enabled: true,
  ...more,
});

beforeAll(async () => {
  emulated = await emulatedRealm({
    jobs: [
      job("ok", "echo hello"),
      job("bad", "sh -c 'echo broken >&2; exit 3'"),
      job("slow", "sleep 600"),
      job("typed", "true", {
        "x-lava-schema": {
          globals: { type: "object", properties: { day: { type: "string" } }, required: ["day"] },
        },
      }),
    ],
  });
  worker = await startWorker({
    realm: emulated.realm,
    worker: "core",
    threads: 3,
    wait: 1,
    env: { ...process.env, ...emulated.environment },
  });
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await emulated[Symbol.asyncDispose]();
});

const lava = (args: readonly string[], tty = false): Promise<CliResult> =>
  runCli(["dispatch", ...args], { env: emulated.environment, tty });

test("--wait tells what happens, in plain lines when piped, and ends as the run did", async () => {
  const done = await lava(["ok", "--wait"]);
  const failed = await lava(["bad", "--wait"]);

  expect(done.status).toBe(0);
  expect(done.stdout).toMatch(/^ok [0-9a-f-]{36}\n$/);
  expect(done.stderr).toMatch(/ {2}starting[\s\S]* {2}complete[\s\S]*complete in /);
  expect(done.stderr).not.toContain("\u001B");
  expect(failed.status).toBe(1);
  expect(failed.stderr).toMatch(/^failed in .*: .*3/m);
});

test("--wait of several runs names them, and fails when one of them does", async () => {
  const both = await lava(["ok", "bad", "--wait"]);

  expect(both.status).toBe(1);
  expect(both.stderr).toMatch(/^ok {2}\S+ {2}complete/m);
  expect(both.stderr).toMatch(/^bad {2}\S+ {2}failed/m);
  expect(both.stderr).toMatch(/^ok complete in .*\nbad failed in /m);
});

test("--wait on a terminal has a moving line of what the run does now", async () => {
  const { stderr } = await lava(["ok", "--wait"], true);

  expect(stderr).toContain("ok queued");
  expect(stderr).toContain("\r\u001B[2K");
});

test("--wait --json prints the runs as they ended", async () => {
  const { stdout, stderr, status } = await lava(["bad", "--wait", "--json"]);

  expect(status).toBe(1);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject([
    { job_id: "bad", status: "failed", repeated: false, log: expect.any(Array) },
  ]);
});

test("--timeout stops waiting, not the run", async () => {
  const { stderr, status } = await lava(["slow", "--wait", "--timeout", "1s"]);
  const [run] = (await emulated.realm.events.listByJob("slow")).items;

  expect(status).toBe(1);
  expect(stderr).toContain("was not over in time; it goes on [WAIT_TIMEOUT]");
  expect(run?.status).not.toBe("failed");
  await emulated.realm.runs.cancel({
    job_id: "slow",
    run_id: run?.run_id ?? "",
    by: "test",
    hostname: "h",
  });
  expect((await lava(["slow", "--timeout", "1s"])).status).toBe(2);
});

test("the same idempotency key is the same run, and says so", async () => {
  const first = await lava(["ok", "-k", "order-17", "--wait"]);
  const second = await lava(["ok", "-k", "order-17", "--wait"]);
  const json = await lava(["ok", "--idempotency-key", "order-17", "--json"]);
  const other = await lava(["ok", "-k", "order-17", "-g", "n=1"]);

  expect(second.stdout).toBe(first.stdout);
  expect(second.stderr).toContain("ok: sent before with this key, not sent again");
  expect(second.status).toBe(0);
  expect(JSON.parse(json.stdout)).toMatchObject([{ repeated: true }]);
  expect(other).toMatchObject({ status: 2, stderr: expect.stringContaining("[KEY_REUSED]") });
});

test("a delay beyond 15 minutes is kept for the scheduler, and told", async () => {
  const { stderr, stdout, status } = await lava(["ok", "--delay", "2h"]);

  expect(status).toBe(0);
  expect(stdout).toMatch(/^ok \S+\n$/);
  expect(stderr).toMatch(/^ok: not before \d{4}-\d\d-\d\dT/);
  expect((await emulated.realm.due.list("core")).next).toBeGreaterThan(Date.now() + 7_000_000);
  expect((await lava(["ok", "--delay", "31d"])).status).toBe(2);
});

test("what is sent is checked first, with all faults and the way out", async () => {
  const misspelt = await lava(["ok", "--parameters", '{"agrs": ["a"]}']);
  const without = await lava(["typed"]);
  const right = await lava(["typed", "-g", "day=mon", "--wait"]);

  expect(misspelt).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("Unexpected keys: agrs"),
  });
  expect(without.stderr).toContain("globals.day");
  expect(without.stderr).toContain("hint: The job says in `x-lava-schema`");
  expect(right.status).toBe(0);
});

test("Ctrl-C leaves the run alone and says how to watch it on", async () => {
  const main = join(import.meta.dirname, "../src/main.ts");
  const child = spawn(
    process.execPath,
    ["--conditions=@lava/source", main, "dispatch", "slow", "--wait"],
    { env: { ...process.env, ...emulated.environment }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let stderr = "";
  const interrupt = (): boolean => child.kill("SIGINT");
  let told = false;
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    // A second one would kill it.
    if (!told && stderr.includes("running")) told = interrupt();
  });
  child.stdout.setEncoding("utf8");
  let stdout = "";
  child.stdout.on("data", (text: string) => {
    stdout += text;
  });
  const [code]: unknown[] = await once(child, "exit");

  const run_id = stdout.trim().split(" ")[1] ?? "";
  expect(code).toBe(130);
  expect(stderr).toContain(`the run goes on; watch it with: lava events -f slow ${run_id}`);
  const run = await emulated.realm.events.get({ job_id: "slow", run_id });
  expect(run?.status).toBe("running");
  await emulated.realm.runs.cancel({ job_id: "slow", run_id, by: "test", hostname: "h" });
});

test("values that are no text come as JSON, whole maps from a file; --dry-run shows the message (CLI-093)", async () => {
  const file = join(import.meta.dirname, "dispatch-parameters.json");
  const shown = await lava([
    "ok",
    ...["-p", "vars.text=1", "--param-json", "vars.number=1.5", "--param-json", "args=[1, null]"],
    ...["--globals", `@${file}`, "--global-json", "more={}", "--dry-run"],
  ]);

  expect(shown).toMatchObject({ status: 0, stderr: "" });
  expect(JSON.parse(shown.stdout)).toEqual([
    {
      queue: `lava-${emulated.realm.name}-core`,
      message: {
        realm: emulated.realm.name,
        worker: "core",
        job_id: "ok",
        run_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        ts_dispatch: expect.any(String),
        parameters: { vars: { text: "1", number: 1.5 }, args: [1, null] },
        globals: { from: "a file", more: {} },
      },
    },
  ]);
  expect(await emulated.realm.queue("core").depth()).toMatchObject({ visible: 0 });
  expect(await lava(["ok", "--param-json", "a={"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("a: not JSON"),
  });
  expect(await lava(["ok", "--globals", "@none.json"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("none.json"),
  });
  expect(await lava(["typed", "--dry-run"])).toMatchObject({
    status: expect.toSatisfy((status: number) => status !== 0),
    stderr: expect.stringContaining("day"),
  });
});
