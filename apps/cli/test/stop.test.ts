import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type Clock, systemClock } from "@lava/core";
import { emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
import { resolveAlias } from "../src/aliases.ts";
import { hostWorkers } from "../src/stop/host-workers.ts";
import { type CliResult, runCli } from "./cli.ts";
import { tempFolder } from "./temp-folder.ts";

/** A clock that is so many times as fast as the machine's. */
const clockOf = (speed: number): Clock => ({
  now: () => systemClock.now() * speed,
  sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
});

/** A folder, processes that look like workers of one realm, and the command for this realm alone. */
async function setUp(speed = 200) {
  const folder = await tempFolder();
  const realm = `stop-${randomUUID()}`;
  const started: ChildProcess[] = [];
  const program = join(folder.path, "lava-worker");
  await writeFile(
    program,
    `const [, , , , , , does] = process.argv;
for (const name of ["SIGHUP", "SIGTERM"]) process.on(name, () => does.includes(name) && process.exit());
setInterval(() => undefined, 1000);
console.log("ready");`,
  );
  return {
    folder: folder.path,
    realm,
    /** A process that ends by these signals. */
    async worker(name: string, does = "SIGHUP SIGTERM"): Promise<number> {
      const args = [program, "--realm", realm, "--worker", name, does];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      started.push(child);
      await once(child.stdout, "data");
      return child.pid ?? 0;
    },
    stop(words: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
      const alias = resolveAlias("lava-stop", [...words, "--realm", realm]);
      const LAVA_NO_DISPATCH = join(folder.path, "new folder", "no dispatch");
      return runCli(alias?.argv ?? [], {
        env: { LAVA_NO_DISPATCH, ...env },
        clock: clockOf(speed),
      });
    },
    async [Symbol.asyncDispose]() {
      for (const child of started.filter(({ exitCode, signalCode }) => !exitCode && !signalCode)) {
        child.kill("SIGKILL");
      }
      await folder[Symbol.asyncDispose]();
    },
  };
}

test("without options it says which workers are there, and asks for no AWS (CLI-172, CLI-173, CLI-175)", async () => {
  await using at = await setUp();
  const [core, other] = [await at.worker("core"), await at.worker("other one")];

  const { status, stdout, stderr } = await at.stop(["--json", "--signal", "0"]);

  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual(
    [
      { realm: at.realm, worker: "core", pid: core, outcome: "signalled" },
      { realm: at.realm, worker: "other one", pid: other, outcome: "signalled" },
    ].toSorted((one, two) => one.pid - two.pid),
  );
  expect(stderr).toContain(`lava-stop: MainThread: ${at.realm}-core [${core}] sent signal 0\n`);
  const one = await at.stop(["--json", "--worker", "core"]);
  expect(JSON.parse(one.stdout)).toMatchObject([{ worker: "core" }]);
});

test("lava-ps lists them as ps lists processes, with more columns for each -l (CLI-126, CLI-127, CLI-129)", async () => {
  await using at = await setUp();
  const pid = await at.worker("core");
  const lines = async (...words: string[]): Promise<string[]> => {
    const { status, stdout } = await runCli(resolveAlias("lava-ps", words)?.argv ?? []);
    expect(status).toBe(0);
    const [header = "", ...rows] = stdout.trimEnd().split("\n");
    return [header, rows.find((row) => row.includes(at.realm)) ?? ""];
  };
  const { username } = userInfo();

  const [header, row] = await lines();
  expect(header).toMatch(/^USER +PID +REALM +WORKER$/);
  expect(row).toMatch(new RegExp(`^${username} +${pid} +${at.realm} +core$`));
  const [more, most] = [await lines("-l"), await lines("-ll")];
  expect(more[0]).toMatch(/WORKER +%CPU +%MEM +RSS +STATUS +STARTED +TIME$/);
  expect(more[1]).toMatch(
    / core +\d+\.\d +\d+\.\d +\d{4,} +(sleeping|running) +\d+:\d\d[ap]m +00:0\d\.\d\d$/,
  );
  expect(most[0]).toMatch(/TIME +THREADS +FILES +UID +GID +COMMAND$/);
  expect(most[1]).toMatch(/ \d+ +\d+ +\d+ +\d+ +\S*lava-worker --realm \S+ --worker core/);
  const { stdout } = await runCli(["ps", "--processes", "--json"]);
  expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ pid, worker: "core" }));
});

test("workers that finish after HUP are waited for, the others get TERM, and KILL makes status 1 (CLI-174, CLI-178, CLI-180, OPS-171, OPS-172)", async () => {
  await using at = await setUp(20);
  await at.worker("finishes");
  await at.worker("ends", "SIGTERM");

  const soft = await at.stop(["--json", "--sig", "hup", "-w", "40s"]);

  expect(JSON.parse(soft.stdout)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ worker: "finishes", outcome: "finished" }),
      expect.objectContaining({ worker: "ends", outcome: "terminated" }),
    ]),
  );
  expect(soft.status).toBe(0);
  const pid = await at.worker("stays", "");
  const hard = await at.stop(["--json", "--signal", "1", "--wait", "10"]);
  expect([hard.status, JSON.parse(hard.stdout)]).toEqual([
    1,
    [{ realm: at.realm, worker: "stays", pid, outcome: "killed" }],
  ]);
  expect(hard.stderr).toMatch(/terminating\n.*killing\n.*Workers shutdown complete\n$/);
});

test("with no workers nothing more is dispatched all the same, and the lifecycle action is completed (CLI-176, CLI-177, CLI-179, OPS-170, OPS-173, WF-233)", async () => {
  await using at = await setUp();
  const asked: Record<string, string>[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push(Object.fromEntries(new URLSearchParams(body)));
      response.end("<CompleteLifecycleActionResponse/>");
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const env = {
    AWS_ENDPOINT_URL_AUTO_SCALING: `http://127.0.0.1:${port}`,
    AWS_REGION: "ap-southeast-2",
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "s",
  };
  const action = ["--auto-scaling-group-name", "lava-asg", "--lifecycle-hook-name", "hook"];
  const own = { AutoScalingGroupName: "lava-asg", LifecycleHookName: "hook", InstanceId: "i-1" };

  const none = await at.stop(
    [...action, "--no-dispatch", "--instance-id", "i-1", "--lifecycle-action-token", ""],
    env,
  );
  await at.worker("stays", "");
  const beating = ["--lifecycle-heartbeat", "60", "--signal", "HUP", "-w", "5m"];
  const some = await at.stop([...action, ...beating, "--instance-id", "i-1"], env);
  server.close();

  expect([none.status, some.status]).toEqual([0, 1]);
  expect(none.stderr).toContain("No lava workers found");
  expect(existsSync(join(at.folder, "new folder/no dispatch"))).toBe(true);
  const complete = { Action: "CompleteLifecycleAction", LifecycleActionResult: "CONTINUE", ...own };
  expect(asked[0]).toMatchObject(complete);
  expect(asked[0]).not.toHaveProperty("LifecycleActionToken");
  expect(asked.at(-1)).toMatchObject(complete);
  expect(asked.slice(1, -1)).toContainEqual(
    expect.objectContaining({ Action: "RecordLifecycleActionHeartbeat", ...own }),
  );
});

test("empty options of the lifecycle count as not given (CLI-177)", async () => {
  await using at = await setUp();
  const names = ["auto-scaling-group-name", "lifecycle-hook-name", "instance-id"];
  const empty = [...names, "lifecycle-action-token"].flatMap((name) => [`--${name}`, ""]);

  expect(await at.stop(empty)).toMatchObject({ status: 0, stdout: "" });
});

test.each([
  [["--signal", "NOPE"], "NOPE is no signal"],
  [["--signal", "99"], "99 is no signal"],
  [["--signal", "TERM", "-w", "1m"], "--wait needs --signal HUP"],
  [["--signal", "HUP", "-w", "soon"], "--wait: "],
  [["--lifecycle-hook-name", "h", "--instance-id", "i"], "--auto-scaling-group-name and"],
  [["--instance-id", "i"], "--auto-scaling-group-name and"],
  [["--lifecycle-heartbeat", "2m"], "--auto-scaling-group-name and"],
  [["--auto-scaling-group-name", "g", "--lifecycle-hook-name", "h"], "--instance-id or"],
  [["--lifecycle-heartbeat", "59"], "at least 60 seconds"],
])("%j is wrong usage (CLI-175, CLI-176, CLI-180)", async (words, message) => {
  await using at = await setUp();

  expect(await at.stop(words)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(message),
  });
});

test(
  "a real worker is found and finishes (CLI-173, CLI-175, OPS-174)",
  { timeout: 60_000 },
  async () => {
    await using folder = await tempFolder();
    await using emulated = await emulatedRealm({});
    const main = join(import.meta.dirname, "../src/main.ts");
    const flags = ["--conditions=@lava/source", "--disable-warning=ExperimentalWarning"];
    const words = ["worker", "-w", "core", "--root", "--log", join(folder.path, "log")];
    const { name } = emulated.realm;
    const env = {
      PATH: process.env["PATH"],
      ...emulated.environment,
      LAVA_REALM: name,
      LAVA_TMPDIR: join(folder.path, "tmp"),
    };
    const child = spawn(process.execPath, [...flags, main, ...words], { env, stdio: "inherit" });
    try {
      const socket = join(folder.path, "tmp", name, `core.${child.pid}`, "control.sock");
      await expect.poll(() => existsSync(socket), { timeout: 30_000 }).toBe(true);
      expect(await hostWorkers()).toContainEqual(
        expect.objectContaining({ realm: name, worker: "core", pid: child.pid }),
      );
      const stop = ["stop", "--realm", name, "--signal", "HUP", "-w", "10m", "--json"];

      const stopped = await runCli(stop, { clock: clockOf(20) });

      expect(JSON.parse(stopped.stdout)).toMatchObject([{ worker: "core", outcome: "finished" }]);
      expect(stopped.status).toBe(0);
    } finally {
      child.kill("SIGKILL");
    }
  },
);
