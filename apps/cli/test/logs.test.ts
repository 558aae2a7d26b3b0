import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "@lava/core";
import type { RunKey } from "@lava/realm";
import { type EmulatedRealm, emulatedRealm } from "@lava/testing";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type CliResult, runCli } from "./cli.ts";

let emulated: EmulatedRealm;
beforeAll(async () => {
  emulated = await emulatedRealm();
});
afterAll(() => emulated[Symbol.asyncDispose]());

const origin = { worker: "core", hostname: "h" };

function lava(args: readonly string[], clock?: Clock): Promise<CliResult> {
  return runCli(args, { env: emulated.environment, ...(clock === undefined ? {} : { clock }) });
}

/** A run that stands at a status, with outputs. */
async function makeRun(
  job_id: string,
  run_id: string,
  outputs: Readonly<Record<string, string>> = {},
  status: "running" | "complete" = "complete",
): Promise<RunKey> {
  const run = { job_id, run_id };
  const { realm } = emulated;
  await realm.events.append(run, { status, info: { exit_status: 0 } }, { origin });
  for (const [name, text] of Object.entries(outputs)) await realm.temp.putOutput(run, name, text);
  return run;
}

test("logs prints what the children of a run wrote, at any depth, under their names", async () => {
  const { realm } = emulated;
  const top = await makeRun("chain", "r1");
  const child = (id: string, job_id: string) =>
    ({ id, job_id, pass: "1", status: "complete" }) as const;
  await realm.children.write(top, "1-1", [child("a#0", "a"), child("inner#0", "inner")], origin);
  const inner = { job_id: "inner", run_id: "r1" };
  await realm.children.write(inner, "1-1", [child("inner#0 > b#0", "b")], origin);
  await makeRun("a", "r1", { stdout: "of a\n", "stdout.1": "of a again\n" });
  await makeRun("b", "r1", { stdout: "of b\n" });

  const all = await lava(["logs", "chain"]);
  const one = await lava(["logs", "a", "r1", "--name", "stdout"]);
  const list = await lava(["logs", "chain", "--json"]);

  expect(all).toMatchObject({ status: 0, stdout: "of a\nof a again\nof b\n" });
  expect(all.stderr).toContain("==> a: stdout.1 <==");
  expect(all.stderr).toContain("==> b: stdout <==");
  expect(one).toMatchObject({ status: 0, stdout: "of a\n", stderr: "" });
  expect(JSON.parse(list.stdout)).toMatchObject([
    { job_id: "a", name: "stdout", size: 5 },
    { job_id: "a", name: "stdout.1" },
    { job_id: "b", name: "stdout" },
  ]);
});

test("logs writes one output to a file, and says what there is where nothing fits", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lava-logs-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await makeRun("two", "r1", { stdout: "out", stderr: "err" });
  await makeRun("silent", "r1");
  const file = join(folder, "out");

  await lava(["logs", "two", "--name", "stderr", "-o", file]);

  expect(await readFile(file, "utf8")).toBe("err");
  expect(await lava(["logs", "two", "-o", file])).toMatchObject({ status: 2 });
  expect(await lava(["logs", "two", "--name", "x"])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("It has: stderr, stdout"),
  });
  expect((await lava(["logs", "silent"])).stderr).toContain("left no output");
  expect(await lava(["logs", "-f", "silent", "--list"])).toMatchObject({ status: 2 });
});

test("logs -f prints what comes while the run goes on, tells what it has missed, and ends with the run", async () => {
  const { temp } = emulated.realm;
  const run = await makeRun("live", "r1", {}, "running");
  const put = (offset: number, text: string) =>
    temp.live.put(run, "stdout", { offset, content: Buffer.from(text) });
  const steps = [
    () => put(0, "one\n"),
    () => put(0, "one\ntwo\n"),
    () => put(12, "four\n"),
    () => makeRun("live", "r1", { stdout: "one\ntwo\nxxx\nfour\nfive\n", stderr: "end\n" }),
  ];
  const clock: Clock = {
    now: () => Date.now(),
    sleep: async () => void (await steps.shift()?.()),
  };

  const result = await lava(["logs", "-f", "live"], clock);

  expect(result).toMatchObject({ status: 0, stdout: "one\ntwo\nfour\nend\nfive\n" });
  expect(result.stderr).toBe(
    "[4 bytes were printed too fast to be seen]\n==> live: stderr <==\n==> live: stdout <==\n",
  );
});

test("logs -f of a run that is over prints all of it", async () => {
  await makeRun("over", "r1", { stdout: "x".repeat(100_000) });

  expect((await lava(["logs", "--follow", "over"])).stdout).toHaveLength(100_000);
});
