import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LavaError } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { expect, test } from "vitest";
import * as z from "zod";
import { joinPlugins } from "../src/plugins.ts";
import { eventually } from "./eventually.ts";
import { workerRealm, type WorkerRealm } from "./worker-realm.ts";

const info = ({ log }: RunRecord, status = "failed"): unknown =>
  JSON.parse(JSON.stringify(log.find((entry) => entry.status === status)?.info ?? null));

async function output(setup: WorkerRealm, run: RunRecord, name: string): Promise<string> {
  return Buffer.from((await setup.realm.temp.getOutput(run, name)) ?? []).toString();
}

test("payloads that cannot be run are told as the system tells them (WK-108)", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "text", type: "exe", payload: "text.sh" },
      { job_id: "binary", type: "exe", payload: "binary" },
      { job_id: "interpreter", type: "exe", payload: "interpreter.sh" },
      { job_id: "missing", payload: "no-such-program -x" },
      { job_id: "folder", payload: "/tmp" },
      { job_id: "null", payload: "echo '{{ \"a\\0b\" }}'" },
      { job_id: "long", payload: "echo", parameters: { args: ["x".repeat(200_000)] } },
    ],
    payloads: {
      "text.sh": "echo no interpreter",
      binary: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 0]),
      "interpreter.sh": "#!/no/such/interpreter\n",
    },
  });
  await setup.start();
  const failure = async (job_id: string) => info(await setup.run(job_id));

  expect(await failure("text")).toMatchObject({
    error: expect.stringMatching(/^\[Errno 8\] Exec format error: '.*\/text\.sh'$/),
    error_data: null,
  });
  expect(await failure("binary")).toMatchObject({
    error: expect.stringMatching(/^\[Errno 8\] Exec format error: '.*\/binary'$/),
  });
  expect(await failure("interpreter")).toMatchObject({
    error: expect.stringMatching(/^\[Errno 2\] No such file or directory: '.*\/interpreter\.sh'$/),
  });
  expect(await failure("missing")).toMatchObject({
    error: "[Errno 2] No such file or directory: 'no-such-program'",
  });
  expect(await failure("folder")).toMatchObject({ error: "[Errno 13] Permission denied: '/tmp'" });
  expect(await failure("null")).toMatchObject({ error: "embedded null byte" });
  expect(await failure("long")).toMatchObject({
    error: "[Errno 7] Argument list too long: 'echo'",
  });
});

test("an archive that leaves its package or holds too much is one clear failure (JOB-pkg-05)", async () => {
  await using setup = await workerRealm({
    jobs: ["up.tar", "bomb.tar.gz", "link.tar.gz"].map((payload) => ({
      job_id: payload,
      type: "pkg",
      payload,
      parameters: { command: "run.sh" },
    })),
    env: { LAVA_PKG_MAX_UNPACKED_SIZE: "1M" },
  });
  const from = join(setup.folder, "from");
  await mkdir(from);
  await writeFile(join(from, "big"), Buffer.alloc(3_000_000));
  execFileSync("ln", ["-s", "../../..", join(from, "out")]);
  const tar = async (name: string, ...args: readonly string[]) => {
    execFileSync("tar", [...args]);
    await setup.realm.payloads.put(name, { file: join(setup.folder, name) });
  };
  const file = (name: string): string => join(setup.folder, name);
  await tar("up.tar", "-cPf", file("up.tar"), "-C", from, "../from/out");
  await tar("bomb.tar.gz", "-czf", file("bomb.tar.gz"), "-C", from, "big");
  await tar("link.tar.gz", "-czf", file("link.tar.gz"), "-C", from, "out");
  await setup.start();

  for (const [job_id, why] of [
    ["up.tar", "the entry ../from/out leaves the package"],
    ["bomb.tar.gz", "the package holds more than 1.0 MB"],
    ["link.tar.gz", "the entry ../../.. leaves the package"],
  ] as const) {
    expect(info(await setup.run(job_id))).toMatchObject({
      error: expect.stringMatching(`^Cannot unpack .*/${job_id} into .*\\.pkg: ${why}$`),
      error_data: { exit_status: 1, output: [], error: why },
    });
  }
});

test("an output beyond the limit keeps its beginning and its end, and the result says so", async () => {
  await using setup = await workerRealm({
    jobs: [{ job_id: "a", payload: "sh -c 'echo first; head -c 5000 /dev/zero; echo last'" }],
    env: { LAVA_OUTPUT_MAX_SIZE: "1000B" },
  });
  await setup.start();

  const run = await setup.run("a");

  expect(info(run, "complete")).toMatchObject({
    exit_status: 0,
    output: [{ stdout: expect.any(String), stdout_cut: 4011 }],
  });
  expect(await output(setup, run, "stdout")).toMatch(
    /^first\n\0+\n\[lava: 4011 bytes left out, OUTPUT_MAX_SIZE is 1\.0 KB\]\n\0+last\n$/,
  );
  expect(setup.logs.find(({ fields }) => fields["code"] === "OUTPUT_CUT")).toMatchObject({
    level: "warn",
    fields: { output: "stdout", bytes: 4011 },
  });
});

test("a job that removes its directory, outputs and all, ends as its program does (bad input)", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "ok", payload: "sh -c 'echo text; rm -rf $PWD'" },
      { job_id: "bad", payload: "sh -c 'echo text >&2; rm -rf $PWD; exit 3'" },
      { job_id: "long", payload: "sh -c 'head -c 100000 /dev/zero; sleep 0.3; rm -rf $PWD'" },
      { job_id: "early", payload: "sleep 5", parameters: { timeout: -5 } },
    ],
    env: { LAVA_OUTPUT_MAX_SIZE: "1K" },
  });
  await setup.start();

  const ok = await setup.run("ok");

  expect(info(ok, "complete")).toMatchObject({ exit_status: 0, output: [{ exit_status: 0 }] });
  expect(setup.logs.map(({ message }) => message)).toContain(
    "Output stdout was removed while the job ran",
  );
  expect(info(await setup.run("bad"))).toMatchObject({
    error: "Failed with exit status 3",
    error_data: { exit_status: 3, error: null },
  });
  expect((await setup.run("long")).status).toBe("complete");
  expect(info(await setup.run("early"))).toMatchObject({ error: "Timed out after -5.0 seconds" });
});

test("output that is no UTF-8 is stored as it is, and shown with replacements (WK-107)", async () => {
  await using setup = await workerRealm({
    jobs: [{ job_id: "a", payload: String.raw`sh -c 'printf "a\377b" >&2; exit 1'` }],
  });
  await setup.start();

  const run = await setup.run("a");

  expect(info(run)).toMatchObject({ error_data: { error: "a\uFFFDb" } });
  expect(await setup.realm.temp.getOutput(run, "stderr")).toEqual(
    new Uint8Array([0x61, 0xff, 0x62]),
  );
});

test("a job that forks and leaves children has none when it has ended, nor do they keep it open (WK-103, WK-105, T-61)", async () => {
  await using setup = await workerRealm();
  const pids = join(setup.folder, "pids");
  await setup.realm.jobs.put({
    job_id: "a",
    type: "cmd",
    worker: "core",
    enabled: true,
    payload: `sh -c '(sleep 60 & echo $! >> ${pids}; sleep 61 & echo $! >> ${pids}) &  sleep 0.2'`,
  });
  await setup.start();

  const run = await setup.run("a");

  expect(run.status).toBe("complete");
  const left = (await readFile(pids, "utf8")).trim().split("\n");
  expect(left).toHaveLength(2);
  await eventually(() => left.every((pid) => !isAlive(pid)));
});

test("variables that are not text are refused by name (WK-125, T-63)", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "map", payload: "true", parameters: { env: { A: { b: 1 } } } },
      { job_id: "list", payload: "true", parameters: { env: [1] } },
      { job_id: "template", payload: "true", parameters: { env: { A: "{{ x.y }}" } } },
      { job_id: "null", payload: "true", parameters: { env: { A: "a\0b" } } },
      { job_id: "name", payload: "true", parameters: { env: { "A=B": "c" } } },
      { job_id: "number", payload: "sh -c 'echo $A'", parameters: { env: { A: 1 } } },
    ],
  });
  await setup.start();

  expect(info(await setup.run("map"))).toMatchObject({
    error: "Bad environment variable: A: expected text",
  });
  expect(info(await setup.run("list"))).toMatchObject({ error: "env must be a map/dict" });
  expect(info(await setup.run("template"))).toMatchObject({
    error: expect.stringMatching(/^Bad environment variable: A: 'x' is undefined/),
  });
  expect(info(await setup.run("null"))).toMatchObject({ error: "embedded null byte" });
  expect(info(await setup.run("name"))).toMatchObject({
    error: 'Bad environment variable: "A=B": illegal environment variable name',
  });
  expect(await output(setup, await setup.run("number"), "stdout")).toBe("1\n");
});

test("a plug-in's job may throw what is no error and return what no item holds (bad input)", async () => {
  const failWith = (reason: unknown): Promise<never> =>
    new Promise((_, reject: (reason: unknown) => void) => reject(reason));
  const results: Readonly<Record<string, () => unknown>> = {
    text: () => failWith("just text"),
    nothing: () => failWith(null),
    undefined: () => undefined,
    number: () => 7,
    odd: () => {
      const loop: Record<string, unknown> = { exit_status: 0 };
      loop["self"] = loop;
      return loop;
    },
    rich: () => ({
      ...{ exit_status: 0, f() {}, when: new Date(0), map: new Map([[1, 2]]) },
      ...{
        big: 10n ** 60n,
        digits: 10n ** 60n + 1n,
        deep: JSON.parse("[".repeat(50) + "]".repeat(50)),
      },
    }),
  };
  const odd = {
    type: "odd",
    parameters: z.object({}),
    run: async (job: { readonly payload: unknown }) => results[String(job.payload)]?.() as never,
  };
  await using setup = await workerRealm({
    jobs: Object.keys(results).map((payload) => ({ job_id: payload, type: "odd", payload })),
  });
  await setup.start({ plugins: joinPlugins([{ jobTypes: [odd] }]) });
  const ends: Record<string, unknown> = {};
  for (const job_id of Object.keys(results)) {
    const run = await setup.run(job_id);
    ends[job_id] = [run.status, info(run, run.status)];
  }

  const noResult = "Job type odd gave no result: an object with exit_status is needed";
  const fault = (error: string): unknown => ["failed", { error, error_data: null }];
  expect(ends).toMatchObject({
    text: fault("just text"),
    nothing: fault("null"),
    undefined: fault(noResult),
    number: fault(noResult),
    odd: ["complete", { exit_status: 0, self: { self: "[circular]" } }],
    rich: [
      "complete",
      {
        exit_status: 0,
        f: null,
        when: "1970-01-01T00:00:00.000Z",
        map: { 1: 2 },
        big: 1e60,
        digits: `1${"0".repeat(59)}1`,
      },
    ],
  });
  await eventually(async () => (await setup.messages()) === 0);
});

test("a plug-in's failure that will not go away ends the attempts, another one does not", async () => {
  let calls = 0;
  const odd = {
    type: "odd",
    parameters: z.strictObject({}),
    run: async (job: { readonly payload: unknown }) => {
      calls += 1;
      const retry = job.payload === "never" ? "never" : "allowed";
      throw new LavaError("NOBODY", "nobody is here", { retry });
    },
  };
  await using setup = await workerRealm({
    jobs: ["never", "allowed"].map((payload) => ({
      ...{ job_id: payload, type: "odd", payload, iteration_limit: 3, iteration_delay: 0 },
    })),
  });
  await setup.start({ plugins: joinPlugins([{ jobTypes: [odd] }]) });

  const run = await setup.run("never");
  expect([run.status, calls]).toEqual(["failed", 1]);
  await setup.run("allowed");
  expect(calls).toBe(4);
});

test("jobs see of the worker's environment what the realm lets them (WK-121, CFG-161)", async () => {
  await using setup = await workerRealm({
    jobs: [{ job_id: "a", payload: "env" }],
  });
  const names = async (config: Readonly<Record<string, string>>): Promise<string[]> => {
    const { openRealm } = await import("@lava/realm");
    const realm = await openRealm(setup.realm.name, {
      clients: setup.emulated.aws.clients,
      env: { LAVA_TMPDIR: join(setup.folder, "lava"), ...config },
    });
    const env = {
      PATH: process.env["PATH"],
      LANG: "C",
      SECRET_TOKEN: "t",
      OTHER: "o",
      ...setup.emulated.environment,
    };
    const worker = await setup.start({ realm, env });
    const run = await setup.run("a");
    await worker.stop();
    return (await output(setup, run, "stdout")).split("\n").map((line) => line.split("=")[0] ?? "");
  };

  expect(await names({})).toEqual(expect.arrayContaining(["SECRET_TOKEN", "OTHER", "LANG"]));
  const blocked = await names({ LAVA_JOB_ENV_BLOCK: "*_TOKEN, NONE" });
  expect(blocked).toContain("OTHER");
  expect(blocked).not.toContain("SECRET_TOKEN");
  const isolated = await names({ LAVA_JOB_ENV_MODE: "isolated" });
  expect(isolated).toEqual(
    expect.arrayContaining(["PATH", "LANG", "AWS_ENDPOINT_URL", "LAVA_RUN_ID", "TMPDIR"]),
  );
  expect(isolated.filter((name) => /SECRET|OTHER|KEY_ID/.test(name))).toEqual([]);
});

test("a worker that starts removes what a killed one has left on the disk", async () => {
  await using setup = await workerRealm({ jobs: [{ job_id: "a", payload: "sleep 60" }] });
  const { spawnWorker } = await import("./spawn-worker.ts");
  const folder = join(setup.folder, "lava", setup.realm.name);
  await using first = await spawnWorker(setup);
  await setup.realm.dispatch({ job_id: "a" });
  await eventually(async () => {
    const [own = ""] = await readdir(folder);
    return (await readdir(join(folder, own))).some((name) => /^[0-9a-f-]{36}$/.test(name));
  });
  first.kill("SIGKILL");
  await first.ended;

  const second = await setup.start();

  expect(await readdir(folder)).toEqual([second.folder.split("/").at(-1)]);
});

/** Zombies count as dead: they wait for whoever adopted them. */
function isAlive(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
