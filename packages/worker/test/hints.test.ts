import { expect, test } from "vitest";
import { workerRealm } from "./worker-realm.ts";

test("a run that failed says what can be done: in its item, and in the log beside the text", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "missing", payload: "no-such-program" },
      { job_id: "chain", type: "chain", payload: "missing" },
      { job_id: "plain", payload: "false" },
    ],
  });
  await setup.start();
  const hint = "Check that the file exists, may be executed, and begins with #! if it is a script.";

  const missing = await setup.run("missing");
  const chain = await setup.run("chain");
  const plain = await setup.run("plain");

  expect(missing.extra).toMatchObject({ x_reason: "cannot_start_program", x_hint: hint });
  expect(chain.extra).toMatchObject({ x_hint: hint });
  expect(plain.extra["x_hint"]).toBeUndefined();
  const said = setup.logs.filter(({ fields }) => fields["hint"] === hint);
  expect(said.map(({ level }) => level)).toContain("error");
  expect(said[0]?.message).toContain("Iteration 1 failed");
});
