import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@lava/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listBackground, logFile, startBackground, stopBackground } from "./background.ts";
import { createDevFolder, type DevFolder, devFolder } from "./dev-folder.ts";
import { processStart } from "./process-identity.ts";

const program = (code: string): string[] => [process.execPath, "-e", code];
const READY =
  'console.log("hello"); process.send({ ready: { port: 7 } }); process.disconnect(); setInterval(() => {}, 1000);';

describe("background processes of the dev realm", () => {
  let folder: DevFolder;

  beforeEach(async () => {
    folder = devFolder(await mkdtemp(join(tmpdir(), "lava-dev-")));
    await createDevFolder(folder);
  });

  afterEach(async () => {
    for (const entry of await listBackground(folder))
      await stopBackground(folder, entry, systemClock, 100);
    await rm(folder.project, { recursive: true, force: true });
  });

  const start = (name: string, code: string) =>
    startBackground(
      folder,
      { name, argv: program(code), env: { PATH: process.env["PATH"] }, cwd: folder.project },
      systemClock,
    );

  test("are awaited until ready, write to their log and are stopped", async () => {
    const ready = await start("worker-a/b", READY);

    expect(ready).toEqual({ port: 7 });
    const [entry] = await listBackground(folder);
    expect(entry).toMatchObject({ name: "worker-a/b", running: true });
    expect(await stopBackground(folder, entry!, systemClock, 5000)).toBe("stopped");
    expect(await listBackground(folder)).toEqual([]);
    expect(await readFile(logFile(folder, "worker-a/b"), "utf8")).toBe("hello\n");
  });

  test("that ignore TERM are killed after the grace time", async () => {
    await start("stubborn", `process.on("SIGTERM", () => {}); ${READY}`);
    const [entry] = await listBackground(folder);

    expect(await stopBackground(folder, entry!, systemClock, 100)).toBe("killed");
  });

  test("that announce an error pass it on with code and hint, and leave no pid file", async () => {
    const starting = start(
      "aws",
      'process.send({ error: { code: "PORT_IN_USE", message: "taken", hint: "other" } });',
    );

    await expect(starting).rejects.toMatchObject({
      code: "PORT_IN_USE",
      message: "taken",
      hint: "other",
    });
    expect(await listBackground(folder)).toEqual([]);
  });

  test("that end at once say where their output is", async () => {
    await expect(start("short", "process.exit(3)")).rejects.toMatchObject({
      code: "CANNOT_START",
      message: "Cannot start short: it ended at once (status 3)",
      hint: expect.stringContaining("short.log"),
    });
  });

  test("whose number was given to a stranger are never signalled", async () => {
    const stranger = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
      stdio: "ignore",
    });
    const pid = stranger.pid ?? 0;
    try {
      const entry = { name: "old", pid, start: "another time", startedAt: "2026-01-01T00:00:00Z" };
      await writeFile(join(folder.processes, "old.json"), JSON.stringify(entry));

      const [found] = await listBackground(folder);
      expect(found).toMatchObject({ running: false });
      expect(await stopBackground(folder, found!, systemClock, 100)).toBe("gone");
      expect(await processStart(pid)).toBeDefined();
    } finally {
      stranger.kill("SIGKILL");
    }
  });
});
