import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { eventually } from "../test/eventually.ts";
import { createProcessGroups, stopGroup } from "./process-groups.ts";
import { findMarked, killMarked, PROCESS_MARK } from "./process-marks.ts";

/** A program with a grandchild in a session of its own that ignores TERM. */
function program(mark: string) {
  const child = spawn(
    "sh",
    ["-c", `setsid sh -c 'trap "" TERM; while :; do sleep 60; done' & exec sleep 60`],
    {
      detached: true,
      stdio: "ignore",
      env: { PATH: process.env["PATH"], [PROCESS_MARK]: mark },
    },
  );
  if (child.pid === undefined) throw new Error("no sh");
  return { pid: child.pid, ended: new Promise((resolve) => child.once("exit", resolve)) };
}

test("processes of a program are found in other sessions, and those of other programs are not", async () => {
  const groups = createProcessGroups();
  const [one, two] = [groups.newMark(), groups.newMark()];
  const first = program(one);
  const second = program(two);
  await eventually(() => findMarked(one).length >= 3 && findMarked(two).length >= 3);

  await stopGroup(first.pid, 20, first.ended, one);

  await eventually(() => findMarked(one).length === 0);
  expect(findMarked(two)).toContain(second.pid);
  expect(findMarked(groups.markPrefix).length).toBeGreaterThanOrEqual(3);
  groups.killAll();
  await eventually(() => findMarked(groups.markPrefix).length === 0);
});

test("a mark that nobody carries finds nothing; the tenth is not the first", async () => {
  const mark = "11111111-0000-4000-8000-000000000000.1";
  const other = program(`${mark}0`);
  await eventually(() => findMarked(`${mark}0`).length >= 3);

  expect(findMarked(mark)).toEqual([]);
  expect(killMarked(mark)).toBe(true);
  expect(findMarked(`${mark}0`)).toContain(other.pid);
  killMarked(`${mark}0`);
});
