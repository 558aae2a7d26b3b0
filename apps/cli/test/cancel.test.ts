import { emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
import { runCli } from "./cli.ts";

test("lava cancel notes the wish for a queued run, and says so when there is nothing to end", async () => {
  await using emulated = await emulatedRealm({ jobs: [{ job_id: "j", payload: "true" }] });
  const env = { ...emulated.environment, LAVA_REALM: emulated.realm.name };
  const lava = (...args: string[]) => runCli(args, { env });
  const sent = await lava("dispatch", "j", "--deadline", "2h", "--json");
  const [{ run_id }] = JSON.parse(sent.stdout) as [{ run_id: string }];

  const other = await lava("cancel", "j", "00000000-0000-4000-8000-000000000000");
  const unknown = await lava("cancel", "j", "ffff");
  const item = await emulated.realm.events.get({ job_id: "j", run_id });

  expect((await lava("cancel", "j", run_id.slice(0, 8), "--reason", "wrong day")).stdout).toBe(
    `j ${run_id}: nobody runs it now; the worker that takes it next ends it\n`,
  );
  expect(other.status).toBe(0);
  expect(unknown).toMatchObject({ status: 1, stderr: expect.stringContaining("NO_SUCH_RUN") });
  expect(Date.parse(String(item?.extra["x_deadline"]))).toBeGreaterThan(Date.now() + 7_000_000);
  expect((await lava("events", "j", run_id)).stderr).toMatch(/^no event yet: .* cancelled it\n$/);
  const noted = await emulated.realm.events.get({ job_id: "j", run_id });
  expect(noted?.extra["x_cancel"]).toMatchObject({ reason: "wrong day" });
  await emulated.realm.events.append(
    { job_id: "j", run_id },
    { status: "complete" },
    { origin: { worker: "core", hostname: "h" } },
  );
  const over = await lava("cancel", "j", run_id);
  expect(over.stderr).toContain(`Run ${run_id} of job j is over: complete [RUN_IS_OVER]`);
});

test("a deadline that has passed is refused before anything is sent", async () => {
  await using emulated = await emulatedRealm({ jobs: [{ job_id: "j", payload: "true" }] });
  const env = { ...emulated.environment, LAVA_REALM: emulated.realm.name };

  const result = await runCli(["dispatch", "j", "--deadline", "2020-01-01"], { env });

  expect(result.stderr).toContain("BAD_DEADLINE");
  expect((await emulated.realm.queue("core").depth()).visible).toBe(0);
});
