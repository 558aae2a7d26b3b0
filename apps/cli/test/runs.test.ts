import { UNROUTABLE_JOB_ID } from "@lava/spec";
import { emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
import { runCli } from "./cli.ts";

test("lava runs lists messages that name no run among the others (WF-116)", async () => {
  await using emulated = await emulatedRealm({ jobs: [{ job_id: "j", payload: "true" }] });
  const env = { ...emulated.environment, LAVA_REALM: emulated.realm.name };
  const lava = (...args: string[]) => runCli(args, { env });
  const origin = { worker: "core", hostname: "h" };
  const { events } = emulated.realm;
  await events.append({ job_id: "j", run_id: "r" }, { status: "complete" }, { origin });
  const info = "Malformed dispatch message: not an object: []";
  const lost = { job_id: UNROUTABLE_JOB_ID, run_id: "m" };
  await events.append(lost, { status: "rejected", info }, { origin });

  const all = JSON.parse((await lava("runs", "--json")).stdout) as { job_id: string }[];
  const rejected = await lava("runs", "--status", "rejected");

  expect(all.map(({ job_id }) => job_id).toSorted()).toEqual(["j", UNROUTABLE_JOB_ID]);
  expect(rejected.stdout).toContain(info);
  expect((await lava("runs", "j")).stdout).not.toContain(UNROUTABLE_JOB_ID);
});
