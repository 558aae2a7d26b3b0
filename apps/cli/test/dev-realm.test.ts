import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const run = promisify(execFile);
const main = join(import.meta.dirname, "../src/main.ts");
const FLAGS = ["--conditions=@lava/source", "--disable-warning=ExperimentalWarning", main];
let folder: string;
let project: string;

interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a process of its own, as users start it. */
async function lava(
  args: readonly string[],
  cwd = project,
  more: NodeJS.ProcessEnv = {},
): Promise<Result> {
  const env = { ...process.env, LAVA_REALM: "", AWS_ENDPOINT_URL: "", ...more };
  try {
    const { stdout, stderr } = await run(process.execPath, [...FLAGS, ...args], { cwd, env });
    return { status: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = Object(error);
    return { status: Number(code), stdout: String(stdout), stderr: String(stderr) };
  }
}

/** A job of the project, as YAML text. */
async function writeJob(name: string, text: string): Promise<void> {
  await mkdir(join(project, "lava-jobs"), { recursive: true });
  await writeFile(
    join(project, "lava-jobs", `${name}.yaml`),
    `job_id: t/${name}\nowner: me\ndescription: test\nworker: core\n${text}`,
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-cli-"));
  project = join(folder, "p");
  await lava(
    ["new", "p", "--no-input", "-p", "realm=t", "-p", "owner=me", "-p", "description=test"],
    folder,
  );
  await writeJob(
    "echo",
    `enabled: true\ntype: cmd\npayload: echo "{{ globals.word | upper }}"\nglobals: { word: hello }\n`,
  );
  await writeJob("fail", `enabled: true\ntype: cmd\npayload: sh -c "echo oh no >&2; exit 3"\n`);
  await writeJob("slow", `enabled: true\ntype: cmd\npayload: sleep 60\n`);
  await writeJob("off", `enabled: false\ntype: cmd\npayload: echo off\n`);
}, 60_000);

afterAll(async () => {
  await lava(["dev", "reset"]);
  await rm(folder, { recursive: true, force: true });
});

describe("lava dev", { timeout: 60_000 }, () => {
  test("a new project checks without errors and its first job runs in one process", async () => {
    const check = await lava(["check"]);
    const first = await lava(["run", "app/p/hello", "--local", "--json"]);

    expect(check).toMatchObject({ status: 0 });
    expect(first.status, first.stderr + first.stdout).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ job_id: "app/p/hello", status: "complete" });
  });

  test("a port that is taken is named, and nothing is left running", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      const up = await lava(["dev", "up", "--port", String(port)]);

      expect(up.status).toBe(1);
      expect(up.stderr).toContain("[PORT_IN_USE]");
      expect(up.stderr).toContain(String(port));
      expect(JSON.parse((await lava(["dev", "status", "--json"])).stdout)).toMatchObject({
        processes: [],
      });
    } finally {
      server.close();
    }
  });

  test("up starts endpoint and workers and deploys; again it changes nothing", async () => {
    const up = await lava(["dev", "up", "--json"]);
    expect(up.status, up.stderr).toBe(0);
    const again = JSON.parse((await lava(["dev", "up", "--json"])).stdout);
    const status = await lava(["dev", "status", "--json"]);

    expect(JSON.parse(up.stdout)).toMatchObject({ realm: "t", workers: ["core"] });
    expect(again).toMatchObject({ deployed: [] });
    expect(status.status).toBe(0);
    expect(JSON.parse(status.stdout).processes).toMatchObject([
      { name: "aws", running: true },
      { name: "worker-core", running: true },
    ]);
  });

  test("run prints the output of the job and fails when the job fails", async () => {
    const good = await lava(["run", "t/echo", "-g", "word=again"]);
    const bad = await lava(["run", "t/fail", "--json"]);

    expect(good, good.stderr).toMatchObject({ status: 0, stdout: "AGAIN\n" });
    expect(good.stderr).toContain("complete");
    expect(bad.status).toBe(1);
    expect(JSON.parse(bad.stdout)).toMatchObject({
      status: "failed",
      error: "Failed with exit status 3",
    });
  });

  test("runs of a job that is not there are refused with the job that was meant", async () => {
    const mistyped = await lava(["runs", "t/ehco"]);

    expect(mistyped.status).toBe(1);
    expect(mistyped.stderr).toContain("t/ehco: No such job in realm");
    expect(mistyped.stderr).toContain("Did you mean t/echo?");
  });

  test("runs, events, logs and state show what happened", async () => {
    const runs = JSON.parse((await lava(["runs", "--json"])).stdout);
    const { run_id } = JSON.parse((await lava(["events", "t/echo", "--json"])).stdout);
    const events = await lava(["events", "t/echo", run_id.slice(0, 6)]);
    const logs = await lava(["logs", "t/fail", "--name", "stderr"]);
    await lava(["state", "put", "t/x", '{"a": 1}']);
    const state = await lava(["state", "get", "t/x", "--json"]);

    expect(runs.map((one: { job_id: string }) => one.job_id).sort()).toEqual(["t/echo", "t/fail"]);
    expect(events.stdout).toMatch(/starting[\s\S]*running\s+Iteration 1[\s\S]*complete/);
    expect(logs.stdout).toBe("oh no\n");
    expect(JSON.parse(state.stdout)).toMatchObject({ state_id: "t/x", value: { a: 1 } });
  });

  test("rerun repeats a run as a new one, with what is laid over it, and fails as it fails", async () => {
    const of = JSON.parse((await lava(["events", "t/fail", "--json"])).stdout);
    const failed = await lava(["rerun", "t/fail", "--wait", "--json"]);
    const none = await lava(["rerun", "t/off"]);

    expect(failed, failed.stderr).toMatchObject({ status: 1 });
    expect(JSON.parse(failed.stdout)).toMatchObject({ of: of.run_id, status: "failed" });
    const again = await lava(["rerun", "t/echo", "-g", "word=again", "--wait"]);
    expect(again, again.stderr).toMatchObject({ status: 0, stdout: "" });
    expect((await lava(["logs", "t/echo"])).stdout).toBe("AGAIN\n");
    expect(none).toMatchObject({ status: 1, stdout: "" });
    expect(none.stderr).toContain("[NO_SUCH_RUN]");
  });

  test("an unknown job and one that is not enabled are refused with a message", async () => {
    const unknown = await lava(["dispatch", "t/none"]);
    const disabled = await lava(["dispatch", "t/off"]);

    expect(unknown).toMatchObject({ status: 1, stdout: "" });
    expect(unknown.stderr).toContain("t/none");
    expect(unknown.stderr).toContain("[NO_SUCH_JOB]");
    expect(disabled).toMatchObject({ status: 1, stdout: "" });
    expect(disabled.stderr).toContain("[JOB_DISABLED]");
  });

  test("one unknown job of several: nothing is dispatched, and what may be meant is told", async () => {
    const before = (await lava(["runs", "t/echo", "--json"])).stdout;
    const several = await lava(["dispatch", "t/echo", "t/ecko", "fail_"]);
    const last = await lava(["run", "echo"]);

    expect(several).toMatchObject({ status: 1, stdout: "" });
    expect(several.stderr).toContain('t/ecko: No such job (did you mean "t/echo"?)');
    expect(several.stderr).toContain("fail_: No such job");
    expect((await lava(["runs", "t/echo", "--json"])).stdout).toBe(before);
    expect(last).toMatchObject({ status: 1, stdout: "" });
    expect(last.stderr).toContain("Did you mean t/echo?");
  });

  test("Ctrl-C ends the watching with 130 and tells that the run goes on", async () => {
    const child = spawn(process.execPath, [...FLAGS, "run", "t/slow"], { cwd: project });
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += String(chunk);
      if (stderr.includes("Iteration 1") && !child.killed) child.kill("SIGINT");
    });
    const [status] = await once(child, "close");

    expect(status).toBe(130);
    expect(stderr).toMatch(/the run goes on; watch it with: lava events -f t\/slow [0-9a-f-]{36}/);
    expect(JSON.parse((await lava(["events", "t/slow", "--json"])).stdout)).toMatchObject({
      status: "running",
    });
  });

  test("commands on a project take the environment of the dev realm, and say what they lack", async () => {
    const dev = await lava(["plan", "--dev"]);
    const neither = await lava(["plan"]);
    const noAws = await lava(["plan", "-e", "dev"], project, {
      AWS_REGION: undefined,
      AWS_DEFAULT_REGION: undefined,
      AWS_PROFILE: undefined,
      AWS_CONFIG_FILE: "/none",
      AWS_SHARED_CREDENTIALS_FILE: "/none",
    });

    expect(dev, dev.stderr).toMatchObject({ status: 0 });
    expect(neither).toMatchObject({ status: 2, stdout: "" });
    expect(neither.stderr).toContain("Environments of this project: dev");
    expect(noAws).toMatchObject({ status: 1, stdout: "" });
    expect(noAws.stderr).toContain("--dev");
  });

  test("an edit is planned field by field and deployed; bad input is refused before anything is written", async () => {
    await writeJob("echo", `enabled: true\ntype: cmd\npayload: echo changed\n`);
    const plan = JSON.parse((await lava(["plan", "--env", "dev", "--dev", "--json"])).stdout);
    await writeJob("bad", `enabled: true\ntype: cmd\npayload: echo {{\non_sucess: []\n`);
    const refused = await lava(["deploy", "--env", "dev", "--dev"]);
    await rm(join(project, "lava-jobs/bad.yaml"));
    const deployed = await lava(["deploy", "--env", "dev", "--dev"]);

    expect(plan.items).toMatchObject([{ action: "update", id: "t/echo" }]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(
      /lava-jobs\/bad\.yaml:\d+:\d+.*on_sucess.*did you mean "on_success"/,
    );
    expect(deployed, deployed.stderr).toMatchObject({ status: 0 });
    expect((await lava(["run", "t/echo"])).stdout).toBe("changed\n");
  });

  test("a plan is saved and carried out as it is; history lists it, rollback undoes it, diff shows drift", async () => {
    await writeJob("echo", `enabled: true\ntype: cmd\npayload: echo planned\n`);
    const saved = await lava(["plan", "--dev", "--out", "dev.plan"]);
    await writeJob("echo", `enabled: true\ntype: cmd\npayload: echo later\n`);
    const deployed = await lava(["deploy", "dev.plan", "--dev"]);
    const stale = await lava(["deploy", "dev.plan", "--dev"]);

    expect(saved, saved.stderr).toMatchObject({ status: 0 });
    expect(deployed, deployed.stderr).toMatchObject({ status: 0 });
    expect(stale.stdout).toContain("1 already");
    expect((await lava(["run", "t/echo"])).stdout).toBe("planned\n");
    const drift = await lava(["diff", "--dev"]);
    expect(drift).toMatchObject({ status: 1 });
    expect(drift.stdout).toContain('"echo planned" -> "echo later"');
    expect(await lava(["diff", "--dev", "--exit-zero"])).toMatchObject({ status: 0 });

    const list = JSON.parse((await lava(["history", "--dev", "--json"])).stdout);
    expect(list[1]).toMatchObject({
      state: "complete",
      changes: [{ action: "update", kind: "job", id: "t/echo" }],
    });
    const back = await lava(["rollback", list[1].id, "--dev"]);
    expect(back, back.stderr).toMatchObject({ status: 0 });
    expect((await lava(["run", "t/echo"])).stdout).toBe("changed\n");
    expect((await lava(["rollback", "nothing", "--dev"])).stderr).toContain("[NO_SUCH_DEPLOYMENT]");
    await writeJob("echo", `enabled: true\ntype: cmd\npayload: echo changed\n`);
    expect(await lava(["diff", "--dev"])).toMatchObject({ status: 0 });
  });

  test("ci checks, builds, plans and deploys, and writes its reports", async () => {
    await writeJob("echo", `enabled: true\ntype: cmd\npayload: echo by ci\n`);
    const files = ["--markdown", "out/ci.md", "--junit", "out/ci.xml", "--sarif", "out/ci.sarif"];
    const planned = await lava(["ci", "--dev", ...files]);
    const deployed = await lava(["ci", "--dev", "--deploy", "--json"]);
    await writeJob("bad", `enabled: true\ntype: cmd\npayload: x\non_sucess: []\n`);
    const failed = await lava(["ci", "--dev", "--deploy", ...files]);
    await rm(join(project, "lava-jobs/bad.yaml"));
    await lava(["rollback", "--dev"]);
    await writeJob("echo", `enabled: true\ntype: cmd\npayload: echo changed\n`);

    expect(planned, planned.stderr).toMatchObject({ status: 0 });
    expect(planned.stdout).toMatch(
      /check +passed.*\n.*build +passed.*\n.*plan +passed +0 to create, 1 to update/,
    );
    expect(JSON.parse(deployed.stdout)).toMatchObject({ ok: true, deployed: { ok: true } });
    expect(failed.status).toBe(1);
    const read = async (name: string) => readFile(join(project, name), "utf8");
    expect(await read("out/ci.md")).toContain("on_sucess");
    expect(await read("out/ci.xml")).toContain("<failure");
    expect(JSON.parse(await read("out/ci.sarif")).runs[0].results).not.toEqual([]);
  });

  test("kill -9 of a worker in the middle of a job: the payload dies with it", async () => {
    await lava(["dispatch", "t/slow"]);
    const status = JSON.parse((await lava(["dev", "status", "--json"])).stdout);
    const { pid } = status.processes.find(({ name }: { name: string }) => name === "worker-core");
    await waitFor(async () => (await lava(["events", "t/slow"])).stdout.includes("running"));

    process.kill(pid, "SIGKILL");

    const dead = await lava(["dev", "status"]);
    expect(dead.status).toBe(1);
    expect(dead.stdout).toContain("dead");
    expect((await lava(["dev", "up"])).status).toBe(0);
    expect((await lava(["dev", "status"])).status).toBe(0);
  });

  test("down stops everything and keeps the data; up finds it again", async () => {
    const { endpoint } = JSON.parse((await lava(["dev", "status", "--json"])).stdout);
    const down = await lava(["dev", "down"]);
    const gone = await lava(["runs"]);
    await lava(["dev", "up"]);
    const status = JSON.parse((await lava(["dev", "status", "--json"])).stdout);

    expect(down.status).toBe(0);
    expect(gone.status).toBe(1);
    expect(gone.stderr).toContain("[AWS_UNREACHABLE]");
    expect(status.endpoint).toBe(endpoint);
    expect(JSON.parse((await lava(["runs", "t/fail", "--json"])).stdout)).toHaveLength(2);
  });

  test("an endpoint that was killed and whose port was taken comes up elsewhere, and its workers with it", async () => {
    const before = JSON.parse((await lava(["dev", "status", "--json"])).stdout);
    const { pid } = before.processes.find(({ name }: { name: string }) => name === "aws");
    const port = Number(new URL(before.endpoint).port);
    process.kill(pid, "SIGKILL");
    await waitFor(async () => (await lava(["dev", "status"])).stdout.includes("dead"));
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    try {
      await lava(["dev", "up"]);
      const refused = await lava(["dev", "up", "--port", String(port)]);

      const after = JSON.parse((await lava(["dev", "status", "--json"])).stdout);
      expect(after.endpoint).not.toBe(before.endpoint);
      expect((await lava(["run", "t/echo", "--timeout", "20s"])).stdout).toBe("changed\n");
      expect(refused).toMatchObject({ status: 1 });
      expect(refused.stderr).toContain("[DEV_REALM_RUNNING]");
    } finally {
      server.close();
    }
  });

  test("a worker that is pointed at a realm that does not exist says so and ends", async () => {
    const realm = JSON.parse(await readFile(join(project, ".lava-dev/realm.json"), "utf8"));
    const child = spawn(
      process.execPath,
      [...FLAGS, "worker", "--realm", "nowhere", "--worker", "core", "--root"],
      {
        env: {
          ...process.env,
          AWS_ENDPOINT_URL: realm.endpoint,
          AWS_REGION: realm.region,
          AWS_ACCESS_KEY_ID: realm.accessKeyId,
          AWS_SECRET_ACCESS_KEY: realm.secretAccessKey,
        },
      },
    );
    let stderr = "";
    child.stderr.on("data", (chunk) => (stderr += String(chunk)));
    const [status] = await once(child, "close");

    expect(status).toBe(1);
    expect(stderr).toContain("nowhere");
  });
});

/** Asks again and again, at most for 20 seconds. */
async function waitFor(test: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await test())) {
    if (Date.now() > deadline) throw new Error("waited too long");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
