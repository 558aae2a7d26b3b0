import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { workerRealm } from "./worker-realm.ts";

/** An archive with the program `env.sh`, which prints its variables. */
async function archive(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "lava-env-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "env.sh"), "#!/bin/sh\nenv\n");
  await chmod(join(folder, "env.sh"), 0o755);
  execFileSync("tar", ["-czf", join(folder, "a.tar.gz"), "-C", folder, "env.sh"]);
  return readFile(join(folder, "a.tar.gz"));
}

test("jobs have exactly the variables of the wire, and their outputs the names of theirs (WF-150, WF-151, WF-164, WF-260 to WF-264, WF-266 to WF-268)", async () => {
  const parameters = { connections: { my_Api: "api" } };
  await using setup = await workerRealm({
    leaseMs: 30_000,
    record: { config: { PYTHON_PATH: "/opt/lava" } },
    connections: [{ conn_id: "api", type: "generic", enabled: true, attributes: {} }],
    jobs: [
      { job_id: "x/cmd", owner: "me", payload: "env" },
      { job_id: "x/exe", owner: "me", type: "exe", payload: "d/env.sh a b", parameters },
      {
        ...{ job_id: "x/pkg", owner: "me", type: "pkg", payload: "d/a.tar.gz" },
        parameters: { ...parameters, command: "env.sh" },
      },
    ],
    payloads: { "d/env.sh": "#!/bin/sh\nenv\necho told >&2\n" },
  });
  const { realm } = setup;
  const s3 = await realm.clients.s3();
  const Bucket = setup.emulated.bucket;
  const Key = `${realm.record.s3_payloads.slice(`s3://${Bucket}/`.length)}/d/a.tar.gz`;
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: await archive() }));
  await setup.start({
    env: { PATH: process.env["PATH"], FROM_WORKER: "seen", ...setup.emulated.environment },
  });

  const variables = async (job_id: string, name: string) => {
    const run = await setup.run(job_id);
    expect(run.status, JSON.stringify(run.log)).toBe("complete");
    const bytes = await realm.temp.getOutput(run, name);
    const lines = Buffer.from(bytes ?? [])
      .toString()
      .split("\n");
    const env = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    const own = Object.entries(env).filter(
      ([name_]) => /^(LAVA_|TMPDIR|PYTHONPATH|FROM_WORKER)/.test(name_) && name_ !== "LAVA_TMPDIR",
    );
    const folder = `${setup.folder}/lava/${realm.name}/core.${process.pid}/${run.run_id}`;
    return { run, folder, own: Object.fromEntries(own) };
  };
  const ours = {
    LAVA_PROCESS: expect.any(String),
    LAVA_EPOCH: "1",
    LAVA_IDEMPOTENCY_KEY: expect.any(String),
  };
  const shared = (job_id: string, run_id: string, folder: string) => ({
    ...ours,
    FROM_WORKER: "seen",
    LAVA_REALM: realm.name,
    LAVA_WORKER: "core",
    LAVA_OWNER: "me",
    LAVA_JOB_ID: job_id,
    LAVA_RUN_ID: run_id,
    LAVA_S3_TMP: `${realm.record.s3_temp}/${job_id}/${run_id}`,
    TMPDIR: expect.stringMatching(new RegExp(`^${folder}/\\.lava\\.\\w{8}\\.tmp$`)),
  });
  const more = (payload: string, folder: string) => ({
    LAVA_S3_PAYLOAD: `${realm.record.s3_payloads}/${payload}`,
    PYTHONPATH: ":/opt/lava",
    LAVA_CONNID_MY_API: "api",
    LAVA_CONN_MY_API: expect.stringMatching(new RegExp(`^${folder}/conn\\.\\w{8}/`)),
  });

  const cmd = await variables("x/cmd", "stdout");
  expect(cmd.own).toEqual(shared("x/cmd", cmd.run.run_id, cmd.folder));
  const exe = await variables("x/exe", "env.sh.stdout");
  expect(exe.own).toEqual({
    ...shared("x/exe", exe.run.run_id, exe.folder),
    ...more("d/env.sh", exe.folder),
  });
  expect(Buffer.from((await realm.temp.getOutput(exe.run, "env.sh.stderr")) ?? []).toString()).toBe(
    "told\n",
  );
  const pkg = await variables("x/pkg", "a.tar.gz.stdout");
  expect(pkg.own).toEqual({
    ...shared("x/pkg", pkg.run.run_id, pkg.folder),
    ...more("d/a.tar.gz", pkg.folder),
  });
});
