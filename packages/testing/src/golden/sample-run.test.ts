import { expect, test } from "vitest";
import { emulatedRealm } from "../realm.ts";
import { sampleRun } from "./sample-run.ts";

test("a sample has the items and outputs of a run and of its children", async () => {
  await using emulated = await emulatedRealm({
    jobs: [{ job_id: "p" }, { job_id: "c" }, { job_id: "other" }],
  });
  const { realm } = emulated;
  const origin = { worker: "core", hostname: "vm" };
  for (const job_id of ["p", "c"]) {
    const key = { job_id, run_id: "r1" };
    await realm.events.append(
      key,
      { status: "complete", info: { n: 1 } },
      { origin, extra: { x_a: 1 } },
    );
  }
  await realm.temp.putOutput({ job_id: "c", run_id: "r1" }, "stdout", "out of r1\n");

  const sample = await sampleRun({ realm, run: { job_id: "p", run_id: "r1" } });

  expect(Object.keys(sample.items)).toEqual(["p", "c"]);
  expect(sample.items["c"]).toMatchObject({
    run_id: "<run>",
    hostname: "<host>",
    status: "complete",
  });
  expect(sample.items["p"]).not.toHaveProperty("x_a");
  expect(sample.outputs).toEqual({ "c/stdout": "out of <run>\n" });
});
