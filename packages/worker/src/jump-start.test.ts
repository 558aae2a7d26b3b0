import type { LogFields, Logger } from "@lava/core";
import { emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
import { jumpStart } from "./jump-start.ts";

test("the enabled lavasched jobs of a worker are sent to its own queue, and no fault ends the worker (WK-160 to WK-162, OPS-126, CFG-021, CLI-190)", async () => {
  await using emulated = await emulatedRealm({ env: { LAVA_JUMPSTART_DELAY: "0" } });
  const { realm } = emulated;
  const job = { type: "lavasched", payload: null, worker: "core" };
  await realm.jobs.put({ ...job, job_id: "on", enabled: true });
  await realm.jobs.put({ ...job, job_id: "text", enabled: "true" });
  await realm.jobs.put({ ...job, job_id: "off", enabled: false });
  await realm.jobs.put({ ...job, job_id: "theirs", enabled: true, worker: "other" });
  const said: string[] = [];
  const say = (_: LogFields, text: string): void => void said.push(text);
  const logger: Logger = { debug: say, info: say, warn: say, error: say, child: () => logger };

  const queue = realm.queue("core");
  await jumpStart(realm, "core", queue, logger);
  const broken = { ...queue, send: () => Promise.reject(new Error("away")) };
  await jumpStart(realm, "core", broken, logger);

  expect(said).toEqual(["Jumpstart: Dispatched on to core", "Jumpstart: Cannot dispatch on: away"]);
  const message = await queue.receive({ wait: 1, visibility: 0 });
  expect(JSON.parse(message?.body ?? "{}")).toMatchObject({ job_id: "on", worker: "core" });
});
