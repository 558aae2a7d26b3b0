import { randomUUID } from "node:crypto";
import type { Data, DataMap } from "@lava/core";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { workerRealm } from "./worker-realm.ts";

/** Values that a field of a job's record may have and should not. */
const values: Readonly<Record<string, Data>> = {
  null: null,
  empty: "",
  text: "x y",
  template: "{{ nothing.here }}",
  "half a template": "{{",
  number: 7,
  negative: -1.5,
  yes: true,
  list: [],
  "list of lists": [[1, [null]]],
  map: {},
  "odd map": { "": null, constructor: 1, "a b": { c: [] } },
  huge: "z".repeat(20_000),
  bytes: new Uint8Array([0, 255]),
};

const fields = [
  ...["type", "payload", "parameters", "globals", "enabled", "state", "event_log", "owner"],
  ...["max_tries", "max_run_delay", "iteration_limit", "iteration_delay", "cw_metrics"],
  ...["on_success", "on_fail", "on_retry", "schedule", "description"],
  ...["x-lava-retry", "x-lava-defer", "x-lava-timeout", "x-lava-max-concurrent", "x-lava-pools"],
  ...["x-lava-clean-dir", "x-lava-zone"],
];

const types = ["cmd", "exe", "pkg", "chain", "dag", "foreach", "dispatch", "log", "sql", "docker"];

test("no record of a job breaks or occupies a worker: each run is settled at once, and recorded (bad input, WK-035)", async () => {
  await using setup = await workerRealm();
  const whole = { type: "cmd", worker: "core", enabled: true, owner: "me", payload: "true" };
  const records: DataMap[] = fields.flatMap((field) =>
    Object.entries(values).map(([name, value]) => ({
      ...whole,
      [field]: value,
      job_id: `${field}/${name}`,
    })),
  );
  for (const type of types) {
    for (const [name, value] of Object.entries(values)) {
      records.push({ ...whole, type, payload: value, job_id: `payload of ${type}/${name}` });
      const parameters = { foreach: value, args: value, env: value, vars: value, command: value };
      records.push({ ...whole, type, parameters, job_id: `parameters of ${type}/${name}` });
    }
  }
  for (const record of records) await setup.realm.jobs.put(record);
  const worker = await setup.start({ threads: 8 });
  const settled = new Map<string, string>();
  const ended = new Map<string, string>();
  worker.events.on("settled", ({ job_id = "", how }) => settled.set(job_id, how));
  worker.events.on("finished", ({ job_id, status }) => ended.set(job_id, status));
  for (const { job_id } of records) {
    await setup.realm.queue("core").sendBody(
      JSON.stringify({
        ...{ realm: setup.realm.name, worker: "core", job_id, run_id: randomUUID() },
        ts_dispatch: new Date().toISOString(),
      }),
    );
  }

  await eventually(() => settled.size === records.length, 60_000).catch(() => undefined);

  const missing = records.map(({ job_id }) => String(job_id)).filter((id) => !settled.has(id));
  expect(missing).toEqual([]);
  const odd = [...settled].filter(([id, how]) => how !== "deleted" || !ended.has(id));
  expect(odd).toEqual([]);
  const runs = await Promise.all(
    records.map(({ job_id }) => setup.realm.events.listByJob(String(job_id), { limit: 1 })),
  );
  // What has no reason of its own fell over something that nobody had thought of.
  const unforeseen = runs.flatMap(({ items }) =>
    items
      .filter(({ extra }) => extra["x_reason"] === "run_failed")
      .map(({ job_id, log }) => [job_id, log.at(-1)?.info]),
  );
  expect(unforeseen).toEqual([]);
}, 120_000);
