import { execFileSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Row } from "../rig/round.ts";

/** Wall clocks that jump within the skew that leases allow. */
export const clockJumps: Row = {
  name: "clock jumps",
  about: "the wall clocks of the workers jump back and forth within the skew that leases allow",
  async disturb({ fleet, pause, random }) {
    for (let time = 0; time < 6; time += 1) {
      await pause(300, 800);
      for (const worker of fleet.alive) worker.setClock(random.int(-250, 250));
    }
    const [one] = fleet.alive;
    one?.kill("SIGKILL");
    await fleet.add();
  },
};

/** A temp area with room for a handful of files; only root can make one. */
export const diskFull: Row = {
  name: "disk full",
  about: "the temp area of the workers is full for a while",
  wasFelt: ({ runs }) =>
    process.geteuid?.() !== 0 ||
    runs.some(({ log }) =>
      log.some(({ info }) => String(info).startsWith("The temp area is full")),
    ),
  async prepare(folder, stack) {
    const temp = join(folder, "small");
    await mkdir(temp);
    if (process.geteuid?.() === 0) {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k,nr_inodes=100", "tmpfs", temp]);
      stack.defer(() => void execFileSync("umount", ["-l", temp]));
    }
    return { LAVA_TMPDIR: temp };
  },
  async disturb({ folder, ended, pause }) {
    if (process.geteuid?.() !== 0) return;
    for (const share of [0.1, 0.5]) {
      await ended(share);
      const filler = join(folder, "small", "filler");
      await mkdir(filler);
      for (let count = 0; ; count += 1) {
        if (await writeFile(join(filler, String(count)), "").then(isDone, isFailed)) break;
      }
      await pause(1500, 3000);
      await rm(filler, { recursive: true });
    }
  },
};

const isDone = (): boolean => false;
const isFailed = (): boolean => true;

/** Jobs that are edited, disabled and enabled while they run. */
export const editedSpecs: Row = {
  name: "specs edited, disabled",
  about: "jobs are edited, disabled and enabled again while runs of them go on",
  mayEnd: {
    plain: ["skipped"],
    retried: ["skipped"],
    fails: ["skipped"],
  },
  async disturb({ realm, pause, random, fleet }) {
    for (let time = 0; time < 6; time += 1) {
      await pause(200, 700);
      const job_id = random.pick(["plain", "retried", "fails", "chain-a"]);
      const job = await realm.jobs.get(job_id);
      if (job === undefined) continue;
      await realm.jobs.put({ ...job.raw, enabled: time % 2 === 1, description: `edit ${time}` });
    }
    const [one] = fleet.alive;
    one?.kill("SIGKILL");
    await fleet.add();
  },
};
