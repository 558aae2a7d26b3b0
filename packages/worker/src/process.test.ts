import { copyFile, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../test/eventually.ts";
import { createProcessGroups } from "./process-groups.ts";
import { type ProcessHost, type ProcessOptions, pythonFloat, runProcess } from "./process.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-process-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const env = { PATH: process.env["PATH"] ?? "" };
const options = (argv: string[], more: Partial<ProcessOptions> = {}): ProcessOptions => ({
  argv,
  cwd: folder,
  env,
  timeout: 20,
  stdout: join(folder, "out"),
  stderr: join(folder, "err"),
  ...more,
});
const host = (more: Partial<ProcessHost> = {}): ProcessHost => ({
  groups: createProcessGroups(),
  signal: new AbortController().signal,
  stderrSize: 2000,
  killGraceMs: 100,
  ...more,
});
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("a process writes to files and its status comes back", async () => {
  const result = await runProcess(options(["sh", "-c", "echo out; echo err >&2"]), host());

  expect(result).toEqual({ exit_status: 0, error: null, stderrText: null });
  expect(await readFile(join(folder, "out"), "utf8")).toBe("out\n");
  expect(await readFile(join(folder, "err"), "utf8")).toBe("err\n");
});

test("a failure carries the head or the tail of stderr, stripped (WK-106, WK-107, T-64, CFG-007)", async () => {
  const argv = ["sh", "-c", "printf '  0123456789  ' >&2; exit 3"];

  const head = await runProcess(options(argv), host({ stderrSize: 6 }));
  const tail = await runProcess(options(argv), host({ stderrSize: -6 }));

  expect(head).toEqual({
    exit_status: 3,
    error: "Failed with exit status 3",
    stderrText: "0123",
  });
  expect(tail.stderrText).toBe("6789");
});

test("death by signal n is -n (T-62)", async () => {
  const result = await runProcess(options(["sh", "-c", "kill -9 $$"]), host());

  expect(result.error).toBe("Failed with exit status -9");
});

test("a timeout kills grandchildren that ignore TERM, and reports 28 (WK-104)", async () => {
  const script =
    "trap '' TERM; (trap '' TERM; echo $(sh -c 'echo $PPID'); while :; do sleep 1; done) & wait";

  const result = await runProcess(options(["sh", "-c", script], { timeout: 0.5 }), host());

  expect(result).toEqual({
    exit_status: 28,
    error: "Timed out after 0.5 seconds",
    stderrText: null,
  });
  const grandchild = Number(await readFile(join(folder, "out"), "utf8"));
  expect(grandchild).toBeGreaterThan(1);
  await eventually(() => !alive(grandchild));
});

test("a program that runs out of time may end in good order: TERM comes first, and KILL after the grace time only (WK-110, design 5 over WK-104)", async () => {
  const script = "trap 'echo bye; exit 0' TERM; while :; do sleep 0.02; done";
  const late = options(["sh", "-c", script], { timeout: 0.2 });

  const result = await runProcess(late, host({ killGraceMs: 20_000 }));

  expect(result.exit_status).toBe(28);
  expect(await readFile(join(folder, "out"), "utf8")).toBe("bye\n");
});

test("children that a process leaves behind are killed when it ends (WK-105)", async () => {
  await runProcess(options(["sh", "-c", "sleep 60 & echo $!"]), host());

  const left = Number(await readFile(join(folder, "out"), "utf8"));
  await eventually(() => !alive(left));
});

test("an abort stops the group and throws its reason", async () => {
  const stop = new AbortController();
  const groups = createProcessGroups();
  const run = runProcess(options(["sleep", "60"]), host({ groups, signal: stop.signal }));
  await eventually(() => groups.list().length === 1);

  stop.abort(new Error("given back"));

  await expect(run).rejects.toThrow("given back");
  expect(groups.list()).toEqual([]);
});

test("faults of starting have the texts of the operating system (WK-108)", async () => {
  await writeFile(join(folder, "plain"), "echo hello\n", { mode: 0o700 });
  await writeFile(join(folder, "closed"), "#!/bin/sh\n", { mode: 0o600 });

  await expect(runProcess(options(["./none"]), host())).rejects.toThrow(
    "[Errno 2] No such file or directory: './none'",
  );
  await expect(runProcess(options(["no-such-program"]), host())).rejects.toThrow(
    "[Errno 2] No such file or directory: 'no-such-program'",
  );
  await expect(runProcess(options(["./closed"]), host())).rejects.toThrow(
    "[Errno 13] Permission denied: './closed'",
  );
  await expect(runProcess(options(["./plain"]), host())).rejects.toThrow(
    "[Errno 8] Exec format error: './plain'",
  );
  await expect(runProcess(options(["echo", "a\0b"]), host())).rejects.toThrow("embedded null byte");
});

test("programs are looked up in PATH of the job (T-60)", async () => {
  await writeFile(join(folder, "mine"), "#!/bin/sh\necho mine\n", { mode: 0o700 });

  await runProcess(options(["mine"], { env: { PATH: folder } }), host());

  expect(await readFile(join(folder, "out"), "utf8")).toBe("mine\n");
});

test("stdin is empty unless there is input", async () => {
  await runProcess(options(["cat"]), host());
  expect(await readFile(join(folder, "out"), "utf8")).toBe("");

  await runProcess(options(["cat"], { input: "text" }), host());
  expect(await readFile(join(folder, "out"), "utf8")).toBe("text");
});

test("a program that is still being written is tried again until it is not (WK-095, T-66, CFG-019)", async () => {
  const file = join(folder, "busy");
  await copyFile("/bin/true", file);
  const writer = await open(file, "r+");
  const running = runProcess(options([file]), host());
  const refused = runProcess(options([file]), host({ settlingMs: 0 }));

  await expect(refused).rejects.toThrow("Text file busy");
  await writer.close();

  expect((await running).exit_status).toBe(0);
});

test("numbers print as Python floats", () => {
  expect([600, 0.5, 1.25].map(pythonFloat)).toEqual(["600.0", "0.5", "1.25"]);
});
