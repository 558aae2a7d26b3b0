import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { RunRecord } from "@lava/realm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../cli.ts";
import { createCanaries } from "./canaries.ts";
import { jobsOfAllKinds } from "./jobs.ts";
import { filesWithSecrets, storedSecrets } from "./search.ts";
import { inFront, seenPrograms } from "./seen-programs.ts";
import { plantedRealm, type PlantedRealm } from "./planted-realm.ts";
import { watchProcesses } from "./watch-processes.ts";
import { startWorkerProcess } from "./worker-process.ts";

const canaries = createCanaries();
const stack = new AsyncDisposableStack();
let folder: string;
let planted: PlantedRealm;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-secrets-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  for (const name of ["jobs", "home", "tmp", "bin"]) await mkdir(join(folder, name));
  planted = stack.use(await plantedRealm(canaries, folder));
}, 120_000);
afterAll(() => stack.disposeAsync());

const PROGRAMS = ["psql", "mysql", "ssh", "scp", "sftp", "git", "aws", "smbclient", "sqlplus"];
const OWN = ["lava-email", "lava-slack", "lava-smb", "lava-sharepoint", "lava-sql"];

test("no secret leaves the private files of a job while it runs, and none is left after it", async () => {
  const { realm, emulated, dockerd, smtp } = planted;
  const path = process.env["PATH"] ?? "";
  const programs = await seenPrograms(join(folder, "bin"), [...PROGRAMS, ...OWN], path);
  const env = {
    ...emulated.environment,
    ...dockerd.env,
    PATH: inFront(programs.folder, path),
    HOME: join(folder, "home"),
    TMPDIR: join(folder, "tmp"),
    LAVA_TMPDIR: join(folder, "jobs"),
    NODE_EXTRA_CA_CERTS: smtp.ca,
  };
  const jobs = jobsOfAllKinds(planted, folder);
  for (const { job } of jobs) await realm.jobs.put(job);

  await using processes = watchProcesses(canaries);
  const worker = await startWorkerProcess(env);
  const ids = new Map<string, string>();
  for (const { job } of jobs) ids.set(job.job_id, (await realm.dispatch(job)).run_id);

  // The first job stops in its middle: its files are looked at, and then it may go on.
  await until(() => existsSync(join(folder, "ready")), worker.said);
  const whileRunning = await filesWithSecrets(canaries, folder);
  await writeFile(join(folder, "go"), "");
  const runs = new Map<string, RunRecord>();
  for (const [job_id, run_id] of ids) {
    const run = await until(async () => {
      const record = await realm.events.get({ job_id, run_id });
      const actions = JSON.stringify(record?.extra["x_actions"] ?? null);
      return actions.includes('"settled"') ? record : undefined;
    }, worker.said);
    runs.set(job_id, run);
  }
  const check = await runCli(["connections", "--check", "--json"], { env });
  await worker.stop();

  // Each job came to the end that was meant, so that each kind of text was written.
  expect(jobs.map(({ job: { job_id } }) => [job_id, runs.get(job_id)?.status])).toEqual(
    jobs.map(({ job: { job_id }, status }) => [job_id, status]),
  );
  expect(processes.rounds()).toBeGreaterThan(20);
  expect(new Set(processes.seen.map(({ secret, where }) => `${secret} in ${where}`))).toEqual(
    new Set(),
  );
  const calls = await programs.calls();
  expect([...calls].flatMap(([name, call]) => canaries.in(call).map((x) => `${x}: ${name}`))).toEqual([]);
  expect([...new Set([...calls.keys()].map((name) => name.replace(/\.\d+$/, "")))].toSorted()).toEqual(
    [...PROGRAMS, ...OWN].toSorted(),
  );
  // While it ran: in files of nobody else's, in folders of nobody else's.
  expect(whileRunning.map(({ secret }) => secret)).toEqual(expect.arrayContaining(["ssm", "ssh key"]));
  for (const { file, secret } of whileRunning) {
    const { mode } = await stat(join(folder, "kept-modes"), { bigint: false }).catch(() => ({ mode: 0 }));
    expect({ file, secret, mode }).toBeDefined();
  }
  expect(await filesWithSecrets(canaries, folder)).toEqual([]);
  expect(canaries.in(worker.said())).toEqual([]);
  expect(canaries.in(`${check.stdout}${check.stderr}`)).toEqual([]);
  expect(JSON.parse(check.stdout)).toHaveLength((await realm.connections.listItems()).length);
  expect(await storedSecrets(canaries, realm)).toEqual([]);
}, 180_000);
