import type { Realm } from "@lava/realm";
import type { Random } from "../random.ts";
import type { Mode, Timeline } from "./timeline.ts";

/** A job of a round, as it is stored. */
export function scheduledJob(job_id: string, every = "1s", enabled = true) {
  return {
    job_id,
    type: "cmd",
    worker: "core",
    enabled,
    payload: "true",
    dispatcher: "main",
    "x-lava-every": every,
  };
}

/** Edits, pauses, resumes, disables or deletes some jobs, as `lava deploy` and `lava schedule` do. */
export async function editJobs(
  realm: Realm,
  timeline: Timeline,
  random: Random,
  count = 4,
): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const job_id = timeline.jobs[random.int(0, timeline.jobs.length - 1)] ?? "";
    const began = Date.now();
    const mode =
      timeline.mode(job_id) === "each"
        ? await change(realm, job_id, random)
        : await undo(realm, job_id);
    timeline.changed(job_id, mode, began, Date.now());
  }
}

async function change(realm: Realm, job_id: string, random: Random): Promise<Mode> {
  switch (random.pick(["edit", "pause", "disable", "delete"] as const)) {
    case "edit":
      await realm.jobs.put(scheduledJob(job_id, "2s"));
      await realm.schedule.announce([job_id]);
      return "even";
    case "pause":
      await realm.schedule.pause(`job/${job_id}`, "faults", "");
      return "none";
    case "disable":
      await realm.jobs.put(scheduledJob(job_id, "1s", false));
      await realm.schedule.announce([job_id]);
      return "none";
    case "delete":
      await realm.jobs.delete(job_id);
      await realm.schedule.announce([job_id]);
      return "none";
  }
}

async function undo(realm: Realm, job_id: string): Promise<Mode> {
  await realm.jobs.put(scheduledJob(job_id));
  await realm.schedule.announce([job_id]);
  await realm.schedule.resume(`job/${job_id}`);
  return "each";
}
