import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { RunKey } from "@lava/realm";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { runCli } from "../cli.ts";
import { createCanaries } from "./canaries.ts";
import { LEAKING, payloads, secretJobs } from "./jobs.ts";
import { type PlantedRealm, plantedRealm } from "./planted-realm.ts";
import { filesNamed, filesWithSecrets, storedSecrets } from "./search.ts";
import { inFront, seenPrograms, type SeenPrograms } from "./seen-programs.ts";
import { watchProcesses } from "./watch-processes.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
/** Programs behind the wrappers; each is to be called at least once. */
const CLIENTS = ["psql", "mysql", "ssh", "scp", "sftp", "git", "smbclient", "aws"];
const OWN = ["lava-email", "lava-slack", "lava-smb", "lava-sharepoint"];

const canaries = createCanaries();
const stack = new AsyncDisposableStack();
let folder: string;
let planted: PlantedRealm;
let programs: SeenPrograms;
let env: Record<string, string | undefined>;
let worker: ChildProcess;
let said = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-secrets-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  for (const name of ["jobs", "home", "tmp", "bin"]) await mkdir(join(folder, name));
  planted = stack.use(await plantedRealm(canaries, folder));
  const path = process.env["PATH"] ?? "";
  programs = await seenPrograms(join(folder, "bin"), [...CLIENTS, ...OWN], path);
  env = {
    ...planted.emulated.environment,
    ...planted.dockerEnv,
    PATH: inFront(join(folder, "bin"), path),
    HOME: join(folder, "home"),
    TMPDIR: join(folder, "tmp"),
    LAVA_TMPDIR: join(folder, "jobs"),
    NODE_EXTRA_CA_CERTS: planted.ca,
  };
  for (const [name, text] of Object.entries(payloads)) {
    await planted.realm.payloads.put(name, text);
  }
  worker = startWorker();
}, 120_000);
afterAll(() => stack.disposeAsync());

function startWorker(): ChildProcess {
  const flags = ["--conditions=@lava/source", "--disable-warning=ExperimentalWarning"];
  const words = ["worker", "--worker", "core", "--root", "--threads", "2", "--level", "debug"];
  const child = spawn(process.execPath, [...flags, MAIN, ...words], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => (said += data.toString()));
  }
  const ended = new Promise((resolve) => child.once("exit", resolve));
  stack.defer(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return child;
}

async function eventually<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    const found = await ask();
    if (found !== undefined) return found;
    await delay(50);
  }
  throw new Error(`not in time; the worker said: ${said}`);
}

/** The status of a run whose actions are over too. */
const ended = (run: RunKey): Promise<string> =>
  eventually(async () => {
    const record = await planted.realm.events.get(run);
    const actions = JSON.stringify(record?.extra["x_actions"] ?? "none");
    const isOver = ["complete", "failed", "rejected"].includes(record?.status ?? "");
    return isOver && !actions.includes("pending") ? record?.status : undefined;
  });

/** Keys and tokens that were made for the first job: they are in its private files, and are looked for from now on. */
async function addMadeSecrets(): Promise<void> {
  const keys = await filesNamed(".aws_keys.json", join(folder, "jobs"));
  for (const file of keys) {
    const made = z
      .object({ SecretAccessKey: z.string(), SessionToken: z.string() })
      .parse(JSON.parse(await readFile(file, "utf8")));
    canaries.add("role key", made.SecretAccessKey);
    canaries.add("role token", made.SessionToken);
  }
  const tokens = await Promise.all(
    (await filesNamed(".pgpass", join(folder, "jobs"))).map(async (file) =>
      /X-Amz-Signature=(\w+)/.exec(await readFile(file, "utf8"))?.at(1),
    ),
  );
  for (const token of tokens) if (token !== undefined) canaries.add("iam token", token);
  expect([keys.length > 0, tokens.some((token) => token !== undefined)]).toEqual([true, true]);
}

const isTokenInEnvironment = (secret: string, where: string): boolean =>
  secret === "iam token" && where.startsWith("environ of ");

test("no secret leaves the private files of a job while it runs, and none is left after it", async () => {
  const { realm, emulated } = planted;
  const jobs = secretJobs({ ...planted.places, FOLDER: folder }, emulated.bucket);
  for (const { job } of jobs) await realm.jobs.put(job);

  await using processes = watchProcesses(canaries);
  const runs: RunKey[] = [];
  for (const { job } of jobs) runs.push(await realm.dispatch({ job_id: job.job_id }));
  // The first job stops in its middle: its files are looked at, and then it may go on.
  await eventually(() => existsSync(join(folder, "ready")) || undefined);
  const whileRunning = await filesWithSecrets(canaries, folder);
  await addMadeSecrets();
  await writeFile(join(folder, "go"), "");
  const statuses = await Promise.all(runs.map(ended));
  const check = await runCli(["connections", "--check", "--json"], { env });
  worker.kill("SIGTERM");
  await eventually(() => (worker.exitCode === null ? undefined : true));

  // Each job came to the end that was meant, so that each kind of text was written.
  expect(jobs.map(({ job: { job_id } }, n) => [job_id, statuses[n]])).toEqual(
    jobs.map(({ job: { job_id }, status }) => [job_id, status]),
  );
  expect(processes.rounds()).toBeGreaterThan(20);
  // Password files hold no long tokens: psql has those in its environment, which only its owner can read.
  const seen = processes.seen.filter(({ secret, where }) => !isTokenInEnvironment(secret, where));
  expect(new Set(seen.map(({ secret, where }) => `${secret} in ${where}`))).toEqual(new Set());
  const calls = [...(await programs.calls())];
  const given = calls.flatMap(([name, call]) =>
    canaries.in(call).map((secret) => ({ secret, name })),
  );
  expect(
    given.filter(({ secret, name }) => !(secret === "iam token" && name.startsWith("psql"))),
  ).toEqual([]);
  const called = new Set(calls.map(([name]) => name.replace(/\.\d+$/, "")));
  expect([...called].toSorted()).toEqual([...CLIENTS, ...OWN].toSorted());
  // Clients that take files got them: for their owner alone, in a folder for its owner alone.
  expect(new Set(whileRunning.map(({ secret }) => secret))).toEqual(
    new Set([
      ...["postgres password", "wrong password", "mariadb password", "ssh key"],
      ...["aws secret key", "generic attribute"],
    ]),
  );
  expect(new Set(whileRunning.map(({ mode, folderMode }) => `${mode} ${folderMode}`))).toEqual(
    new Set(["600 700"]),
  );
  const left = await filesWithSecrets(canaries, folder);
  // The calls are kept by this test itself, and were judged above.
  expect(left.filter(({ file }) => !file.startsWith(join(folder, "bin")))).toEqual([]);
  expect(canaries.in(said)).toEqual([]);
  expect(canaries.in(`${check.stdout}${check.stderr}`)).toEqual([]);
  // Those that cannot be: a wrong password, keys of another AWS, and a certificate that this process does not know.
  const checks = JSON.parse(check.stdout) as { conn_id: string; check: { ok: boolean } }[];
  expect(checks.filter((row) => !row.check.ok).map(({ conn_id }) => conn_id)).toEqual([
    "aws",
    "mail",
    "pg-iam",
    "pg-wrong",
    "registry-wrong",
  ]);
  expect(await storedSecrets(canaries, emulated)).toEqual([]);
}, 120_000);

test("a job that gives a secret away itself is found: in arguments, files and outputs", async () => {
  const { realm, emulated } = planted;
  await realm.payloads.put("leaking.sh", LEAKING);
  await realm.jobs.put({
    job_id: "leaking",
    type: "exe",
    worker: "core",
    enabled: true,
    payload: "leaking.sh",
    parameters: { connections: { keys: "keys" }, env: { FOLDER: folder } },
  });
  worker = startWorker();
  await using processes = watchProcesses(canaries);

  const status = await ended(await realm.dispatch({ job_id: "leaking" }));
  worker.kill("SIGTERM");
  await eventually(() => (worker.exitCode === null ? undefined : true));

  expect(status).toBe("complete");
  expect(processes.seen.map(({ secret }) => secret)).toContain("generic attribute");
  expect((await filesWithSecrets(canaries, folder)).map(({ secret }) => secret)).toContain(
    "generic attribute",
  );
  expect(await storedSecrets(canaries, emulated)).toContainEqual(
    expect.stringMatching(/^generic attribute in s3:.*stdout$/),
  );
}, 60_000);
