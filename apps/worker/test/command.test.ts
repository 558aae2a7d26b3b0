import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import {
  glob as globFiles,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type EmulatedRealm, emulatedRealm } from "@lava/testing";
import { expect, onTestFinished, test } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

async function folderOf(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lava-command-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the command in a folder of its own. */
function start(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ["--conditions=@lava/source", main, ...argv], {
    cwd,
    env: { PATH: process.env["PATH"], LAVA_TMPDIR: join(cwd, "tmp"), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => (output += data.toString()));
  }
  const ended = new Promise<number | string | null>((resolve) => {
    child.once("close", (code, signal) => {
      resolve(signal ?? code);
    });
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, ended, output: () => output };
}

async function eventually(ask: () => unknown): Promise<void> {
  for (const end = Date.now() + 15_000; Date.now() < end; await delay(20)) if (await ask()) return;
  throw new Error("not in time");
}

const TAKEN = `
const parameters = { safeParse: (data) => ({ success: true, data }) };
export const jobTypes = [{ type: "cmd", parameters, run: async () => ({ exit_status: 0 }) }];
`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

async function glob(pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const path of globFiles(pattern)) found.push(path);
  return found;
}

const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

const ours = ({ realm }: EmulatedRealm): string[] => ["-r", realm.name, "-w", "core", "--root"];

test("a wrong command line ends with 2, a realm that does not exist with 1 and one message", async () => {
  await using emulated = await emulatedRealm();
  const folder = await folderOf();

  const usage = start(["-r", "x", "-w", "y", "--wait", "99"], folder);
  const unknown = start(["-r", "nowhere", "-w", "y", "--root"], folder, emulated.environment);

  expect(await usage.ended).toBe(2);
  expect(usage.output()).toContain("value must be in the range 0 .. 20");
  expect(await unknown.ended).toBe(1);
  expect(unknown.output()).toContain("lava-worker: There is no realm nowhere");
});

test.runIf(process.geteuid?.() === 0)(
  "root is refused without --root (WK-009, OPS-129, CLI-184)",
  async () => {
    const refused = start(["-r", "x", "-w", "y"], await folderOf());

    expect(await refused.ended).toBe(1);
    expect(refused.output()).toContain("You should not run the lava worker as root");
  },
);

test("a batch worker runs what is queued and ends with 0; the log and the heartbeat are JSON records (WK-011, WK-017, WK-167, WK-168, OPS-127, OPS-205, CLI-185, CLI-191, CLI-193, WF-286)", async () => {
  await using emulated = await emulatedRealm({ jobs: [{ job_id: "j", payload: "true" }] });
  const folder = await folderOf();
  const run = await emulated.realm.dispatch({ job_id: "j" });

  const log = ["--log", "log.json", "--log-json", "--tag", "T", "--heartbeat", "60"];
  const worker = start(
    [...ours(emulated), "--batch", "--wait", "0", ...log],
    folder,
    emulated.environment,
  );
  const status = await worker.ended;

  expect(status).toBe(0);
  expect((await emulated.realm.events.get(run))?.status).toBe("complete");
  const records = (await readFile(join(folder, "log.json"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const heartbeat = records.find(({ event_type }) => event_type === "heartbeat");
  expect(heartbeat).toMatchObject({
    event_source: "lava-worker",
    realm: emulated.realm.name,
    worker: "core",
    tag: "T",
    thread: "heartbeat",
    message: `heartbeat realm=${emulated.realm.name} worker=core`,
    internal: { qlen: 0 },
    threads: { event: "OK", "worker-00": "OK", "worker-04": "OK", heartbeat: "OK" },
    deferred_tasks: 1,
  });
  expect(heartbeat?.["sqs"]).toHaveProperty("messages");
  expect(records).toContainEqual(
    expect.objectContaining({
      message: `Job j (${run.run_id}): Complete`,
      thread: "worker-00",
      event_type: "job",
      job_id: "j",
      run_id: run.run_id,
    }),
  );
});

test("the standard boot line starts a daemon with a pid file, once; SIGTERM ends it (WK-008, WK-015, OPS-132, CLI-185, WF-234)", async () => {
  await using emulated = await emulatedRealm();
  const folder = await folderOf();
  const { name } = emulated.realm;
  const line = `--realm ${name} --worker core --jump-start --daemon --heartbeat 60 --tag lava-${name}-core --log @local0 --level info --log-json --threads 2 --root`;

  const first = start(line.split(" "), folder, emulated.environment);
  const firstStatus = await first.ended;
  const pid = Number(first.output());
  onTestFinished(() => {
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
  });
  const second = start(line.split(" "), folder, emulated.environment);
  const secondStatus = await second.ended;

  expect(firstStatus).toBe(0);
  expect(isAlive(pid)).toBe(true);
  expect(await readFile(join(folder, `${name}.core.pid`), "utf8")).toBe(`${pid}\n`);
  expect(secondStatus).toBe(1);
  expect(second.output()).toContain(`runs already, as process ${pid}`);
  process.kill(pid, "SIGTERM");
  await eventually(() => !isAlive(pid));
  await expect(readFile(join(folder, `${name}.core.pid`))).rejects.toThrow("ENOENT");
});

test("several daemons of one worker run from one directory, by their index, and both take jobs (TRAP-OPS-02, CLI-196)", async () => {
  await using emulated = await emulatedRealm({
    jobs: [{ job_id: "j", payload: "sh -c 'echo $PPID; sleep 0.3'" }],
  });
  const folder = await folderOf();
  const pids: number[] = [];
  for (const index of ["0", "1"]) {
    const line = [...ours(emulated), "--daemon", "--index", index, "--threads", "1"];
    const first = start([...line, "--log", `log${index}`], folder, emulated.environment);
    expect(await first.ended).toBe(0);
    const pid = Number(first.output());
    pids.push(pid);
    onTestFinished(() => {
      if (isAlive(pid)) process.kill(pid, "SIGKILL");
    });
  }
  const runs = await Promise.all(
    Array.from({ length: 4 }, () => emulated.realm.dispatch({ job_id: "j" })),
  );
  await eventually(async () => {
    const records = await Promise.all(runs.map((run) => emulated.realm.events.get(run)));
    return records.every((record) => record?.status === "complete");
  });

  for (const index of [0, 1]) {
    expect(await readFile(join(folder, `log${index}`), "utf8")).toContain("Complete");
  }
  for (const pid of pids) process.kill(pid, "SIGTERM");
  await eventually(() => !pids.some((pid) => isAlive(pid)));
});

test("the state, the metrics and the health of a worker are answered at its socket and its port (OPS-162, OPS-223)", async () => {
  await using emulated = await emulatedRealm({ jobs: [{ job_id: "j", payload: "sleep 30" }] });
  const folder = await folderOf();
  const port = await freePort();
  const worker = start(ours(emulated), folder, {
    ...emulated.environment,
    LAVA_METRICS_PORT: String(port),
  });
  const run = await emulated.realm.dispatch({ job_id: "j" });
  await eventually(async () => (await emulated.realm.events.get(run))?.status === "running");
  const at = `http://127.0.0.1:${port}`;

  expect(await (await fetch(`${at}/healthz`)).text()).toBe("running\n");
  expect(await (await fetch(`${at}/state`)).json()).toMatchObject({
    realm: emulated.realm.name,
    worker: "core",
    pid: worker.child.pid,
    slots: 5,
    runs: [{ job_id: "j", run_id: run.run_id, status: "running", attempt: 1 }],
  });
  const metrics = await (await fetch(`${at}/metrics`)).text();
  expect(metrics).toContain(`lava_running{realm="${emulated.realm.name}",worker="core"} 1`);
  expect((await fetch(`${at}/config`)).status).toBe(404);
  expect((await fetch(`${at}/state`, { method: "POST" })).status).toBe(405);
  const sockets = await glob(join(folder, "tmp/*/*/control.sock"));
  expect(sockets).toHaveLength(1);
  expect((await stat(sockets[0] ?? "")).mode & 0o777).toBe(0o600);
  worker.child.kill("SIGUSR1");
  await eventually(() => worker.output().includes(`Job j (${run.run_id}): running for `));
});

test.each([
  [
    "that throws",
    "throw new Error('boom');",
    /Plug-in \.\/plugin\.mjs: it failed while it was loaded from .*: boom/,
  ],
  ["with a taken type", TAKEN, /the job type cmd is taken/],
])("a plug-in %s ends the start with 1 and one message", async (_what, content, message) => {
  await using emulated = await emulatedRealm();
  const folder = await folderOf();
  await writeFile(join(folder, "plugin.mjs"), content);
  const worker = start(ours(emulated), folder, {
    ...emulated.environment,
    LAVA_PLUGIN_PATH: "./plugin.mjs",
  });

  expect(await worker.ended).toBe(1);
  expect(worker.output()).toMatch(message);
  expect(worker.output()).not.toContain("Worker ready");
});

const TRACING = `
import { appendFileSync, writeFileSync } from "node:fs";
import { trace } from "@opentelemetry/api";
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
const exporter = {
  export(spans, done) {
    for (const span of spans) {
      const { name, attributes, status, parentSpanContext } = span;
      const { spanId } = span.spanContext();
      const text = JSON.stringify({ name, attributes, status, parent: parentSpanContext?.spanId, spanId });
      appendFileSync("spans", text + "\\n");
    }
    done({ code: 1, error: new Error("the collector is down") });
  },
  async shutdown() {},
};
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
export const shutdown = () => {
  writeFileSync("shut-down", "");
  return new Promise(() => {});
};
`;

test("traces are set up by a module of the worker's, a collector that is down harms no run and does not hold up the end (OPS-223)", async () => {
  await using emulated = await emulatedRealm({
    jobs: [
      { job_id: "all", type: "chain", payload: "one, two" },
      { job_id: "one", payload: "echo a" },
      { job_id: "two", payload: "sh -c 'exit 3'" },
    ],
  });
  const folder = await folderOf();
  const packages = join(
    import.meta.dirname,
    "../../../packages/worker/node_modules/@opentelemetry",
  );
  await mkdir(join(folder, "node_modules"));
  await symlink(packages, join(folder, "node_modules/@opentelemetry"));
  await writeFile(join(folder, "tracing.mjs"), TRACING);
  const run = await emulated.realm.dispatch({ job_id: "all" });
  const worker = start([...ours(emulated), "--batch", "--wait", "1"], folder, {
    ...emulated.environment,
    LAVA_TRACES: "true",
    LAVA_TRACES_SETUP: "./tracing.mjs",
  });

  expect(await worker.ended).toBe(0);
  expect((await emulated.realm.events.get(run))?.status).toBe("failed");
  const text = await readFile(join(folder, "spans"), "utf8");
  const [one, two, all] = text
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  const id = (span: unknown): unknown => (span as { spanId: string }).spanId;
  expect(all).toMatchObject({ name: "job all", status: { code: 2 } });
  expect(one).toMatchObject({
    name: "job one",
    parent: id(all),
    attributes: { "lava.run_id": run.run_id, "lava.type": "cmd", "lava.worker": "core" },
  });
  expect(two).toMatchObject({ parent: id(all), status: { message: "Failed with exit status 3" } });
  expect(existsSync(join(folder, "shut-down"))).toBe(true);
  expect(worker.output()).toContain("Traces may be incomplete: not done within 5 seconds");
});

test.each([
  ["the module", "./none.mjs", /TRACES_SETUP \.\/none\.mjs cannot be loaded: .*there is no /],
  ["the API", "", /TRACES is set, and @opentelemetry\/api cannot be loaded/],
])("traces without %s end the start", async (_what, setup, message) => {
  await using emulated = await emulatedRealm();
  const worker = start(ours(emulated), await folderOf(), {
    ...emulated.environment,
    LAVA_TRACES: "true",
    LAVA_TRACES_SETUP: setup,
  });

  expect(await worker.ended).toBe(1);
  expect(worker.output()).toMatch(message);
});

test("a port that is taken ends the start", async () => {
  await using emulated = await emulatedRealm();
  const taken = createServer();
  await new Promise<void>((resolve) => void taken.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const LAVA_METRICS_PORT = String(typeof address === "object" ? address?.port : "");
  const worker = start(ours(emulated), await folderOf(), {
    ...emulated.environment,
    LAVA_METRICS_PORT,
  });

  expect(await worker.ended).toBe(1);
  expect(worker.output()).toContain("cannot be listened on");
});

test("a second signal stops jobs at once, and the status is 143 (WK-012, WK-109, WK-150, WK-151, OPS-160, CLI-189)", async () => {
  await using emulated = await emulatedRealm({ jobs: [{ job_id: "j", payload: "sleep 60" }] });
  const worker = start(ours(emulated), await folderOf(), emulated.environment);
  const run = await emulated.realm.dispatch({ job_id: "j" });
  await eventually(async () => (await emulated.realm.events.get(run))?.status === "running");

  worker.child.kill("SIGINT");
  await eventually(() => worker.output().includes("Signal 2 -- preparing for shutdown"));
  worker.child.kill("SIGINT");

  expect(await worker.ended).toBe(143);
  expect(worker.output()).toContain("Signal 2 -- forced shutdown");
  expect((await emulated.realm.events.get(run))?.status).toBe("retrying");
});

test("a signal before the worker is open ends it at once, as a signal does (WK-155)", async () => {
  const silent = createServer();
  const asked = new Promise<void>((resolve) => {
    silent.once("connection", () => {
      resolve();
    });
  });
  await new Promise<void>((resolve) => void silent.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void silent.close());
  const address = silent.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const worker = start(["--realm", "r", "--worker", "core", "--root"], await folderOf(), {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: "ap-southeast-2",
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "example",
  });
  await asked;

  worker.child.kill("SIGTERM");

  expect(await worker.ended).toBe("SIGTERM");
  expect(worker.output()).not.toContain("preparing for shutdown");
});

test("SIGUSR1 logs the state and opens no inspector (WK-152, OPS-163, CLI-189)", async () => {
  await using emulated = await emulatedRealm();
  const worker = start(ours(emulated), await folderOf(), emulated.environment);
  await eventually(() => worker.output().includes("Worker ready"));

  worker.child.kill("SIGUSR1");

  await eventually(() => worker.output().includes("Worker config: EVENT_TTL=2d"));
  expect(worker.output()).toContain("Current thread status:");
  expect(worker.output()).not.toContain("Debugger listening");
});

test("what a killed worker ran is with another one at once: its watchdog sees to that (design 5)", async () => {
  await using emulated = await emulatedRealm({
    jobs: [{ job_id: "j", payload: "sh -c 'test $LAVA_EPOCH -gt 1 || sleep 60'" }],
  });
  const { realm } = emulated;
  const first = start(ours(emulated), await folderOf(), emulated.environment);
  await eventually(() => first.output().includes("Worker ready"));
  const run = await realm.dispatch({ job_id: "j" });
  await eventually(async () => (await realm.events.get(run))?.status === "running");
  start(ours(emulated), await folderOf(), emulated.environment);
  await delay(400); // long enough for the message to be bequeathed

  first.child.kill("SIGKILL");
  const killed = Date.now();
  await eventually(async () => (await realm.events.get(run))?.status === "complete");

  // Visibility is a minute, the lease half of that.
  expect(Date.now() - killed).toBeLessThan(10_000);
  const record = await realm.events.get(run);
  expect(record?.log.map(({ status }) => status)).toEqual([
    ...["starting", "running"],
    ...["retrying", "starting", "running", "complete"],
  ]);
  await eventually(async () => {
    const { visible, hidden, delayed } = await realm.queue("core").depth();
    return visible + hidden + delayed === 0;
  });
});
