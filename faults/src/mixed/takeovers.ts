import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { queueName } from "@lava/spec";
import { untilEnded } from "./cases.ts";
import type { MixedRealm } from "./realm.ts";
import type { Check } from "./together.ts";

/** Seconds for which the queue hides a message from here on: the original waits for nothing else. */
const VISIBILITY = 8;

/** Each kind takes over what a killed worker of the other left (WF-287). */
export async function checkTakeovers(
  { realm, original, fleet, folder }: MixedRealm,
  check: Check,
): Promise<void> {
  const sqs = await realm.clients.sqs();
  const { endpoint = "" } = realm.clients.settings;
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl: `${endpoint}/000000000000/${queueName(realm.name, "core")}`,
      Attributes: { VisibilityTimeout: String(VISIBILITY) },
    }),
  );
  const file = join(folder, "starts");
  // The first execution sleeps until it is killed with its worker, or is left behind.
  await realm.jobs.put({
    ...{ job_id: "g/long", type: "cmd", worker: "core", enabled: true, owner: "golden" },
    payload: `sh -c 'echo x >> ${file}; test $(wc -l < ${file}) -gt 1 || sleep 3'`,
  });
  const started = async (): Promise<void> => {
    for (let tries = 0; tries < 200; tries += 1) {
      if (lines(file) > 0) return;
      await delay(50);
    }
    throw new Error("the payload did not start");
  };

  {
    const python = await original.startWorker();
    const run = await realm.dispatch({ job_id: "g/long" });
    await started();
    // It writes its events a moment after what they tell of.
    while ((await realm.events.get(run))?.status !== "running") await delay(50);
    python.kill("SIGKILL");
    await python.ended;
    const own = await fleet.add();
    const record = await untilEnded(realm, run, 90);
    const statuses = record.log.map(({ status }) => status);
    check(
      "ours takes over from an original that was killed",
      record.status === "complete" &&
        record.extra["x_epoch"] !== undefined &&
        statuses.includes("retrying"),
      JSON.stringify(record),
    );
    own.kill("SIGTERM");
    await own.ended;
  }
  {
    await realm.jobs.put({
      ...{ job_id: "g/long", type: "cmd", worker: "core", enabled: true, owner: "golden" },
      payload: `sh -c 'echo x >> ${file}.2; test $(wc -l < ${file}.2) -gt 1 || sleep 60'`,
    });
    const own = await fleet.add();
    const run = await realm.dispatch({ job_id: "g/long" });
    for (let tries = 0; tries < 200 && lines(`${file}.2`) === 0; tries += 1) await delay(50);
    own.kill("SIGKILL");
    await own.ended;
    await using _python = await original.startWorker();
    const record = await untilEnded(realm, run, 90);
    const statuses = record.log.map(({ status }) => status);
    check(
      "the original takes over from ours that was killed",
      record.status === "complete" &&
        statuses.filter((status) => status === "starting").length === 2,
      JSON.stringify(record),
    );
  }
}

function lines(file: string): number {
  try {
    return readFileSync(file, "utf8").split("\n").length - 1;
  } catch {
    return 0;
  }
}
