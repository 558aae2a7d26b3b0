import { errorText, formatDuration } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { CliContext } from "../command.ts";
import { readDispatchers } from "../scheduler/realm-schedules.ts";
import type { Check } from "./check.ts";

/** A leader renews each second; one that was not seen for so long is gone, in ms. */
const GONE_MS = 60_000;

/** Whether somebody dispatches the jobs that `lava scheduler` is to dispatch; nothing when there are none. */
export async function checkSchedule(realm: Realm, context: CliContext): Promise<Check[]> {
  const name = "scheduler";
  try {
    const { servesDispatcher } = await import("@lava/scheduler");
    const dispatchers = await readDispatchers(realm);
    const jobs = (await realm.schedule.listJobs()).filter(({ dispatcher }) =>
      servesDispatcher(dispatchers, dispatcher),
    );
    if (jobs.length === 0) return [];
    const leader = await realm.schedule.leader("scheduler", "doctor", "").look();
    const count = `${jobs.length} ${jobs.length === 1 ? "job" : "jobs"}`;
    // Up to the cursor all slots are settled: with a leader it is seconds behind the clock.
    const behind = context.clock.now() - (leader.cursor ?? 0);
    if (leader.state === "live" && behind < GONE_MS) {
      return [{ name, status: "ok", text: `${leader.hostname} dispatches ${count}` }];
    }
    const since =
      leader.cursor === undefined
        ? "no scheduler has ever run"
        : `nothing was dispatched for ${formatDuration(behind / 1000)}`;
    return [
      {
        name,
        status: "warning",
        text: `${count} with a schedule and no dispatcher: ${since}`,
        hint: "Run `lava scheduler` on two machines or more, or serve the dispatchers by lavasched jobs.",
      },
    ];
  } catch (error) {
    return [{ name, status: "failed", text: errorText(error) }];
  }
}
