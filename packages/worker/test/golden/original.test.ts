// What the original's worker (the version is in original.json) made of the golden jobs, against what ours makes of
// the same messages. `npm run test:mixed -- --write` records it anew.
import { readFileSync } from "node:fs";
import { generalize, type RunSample, sampleRun } from "@lava/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type WorkerRealm, workerRealm } from "../worker-realm.ts";
import { GOLDEN_REALM, goldenJobs, goldenPayloads, goldenState } from "./jobs.ts";
import { withoutKnownDifferences } from "./known-differences.ts";

interface Recording {
  readonly version: string;
  readonly cases: readonly { job_id: string; message: string; sample: RunSample }[];
  readonly sent: readonly unknown[];
  readonly state: Readonly<Record<string, unknown>>;
}

const recording = JSON.parse(
  readFileSync(new URL("original.json", import.meta.url), "utf8"),
) as Recording;

let setup: WorkerRealm;

beforeAll(async () => {
  setup = await workerRealm({
    ...{ name: GOLDEN_REALM, workers: ["core", "other"], jobs: [...goldenJobs] },
    ...{ payloads: goldenPayloads, state: goldenState },
    record: { s3_key: `alias/lava-${GOLDEN_REALM}-user` },
  });
  for (const { message } of recording.cases) await setup.realm.queue("core").sendBody(message);
  await setup.start({ threads: 4 });
});
afterAll(() => setup[Symbol.asyncDispose]());

const withoutTemporaryNames = (sample: RunSample): RunSample =>
  JSON.parse(JSON.stringify(withoutKnownDifferences(sample))) as RunSample;

test.each(recording.cases)(
  "the original's message for $job_id leads to the original's events and outputs (WF-280, WF-281, WF-284)",
  async ({ message, sample }) => {
    const { job_id, run_id } = JSON.parse(message) as { job_id: string; run_id: string };
    await setup.ended({ job_id, run_id });

    const ours = await sampleRun({ realm: setup.realm, run: { job_id, run_id } });

    expect(withoutTemporaryNames(ours)).toEqual(withoutTemporaryNames(sample));
  },
  60_000,
);

test("dispatch jobs and actions send the original's messages, actions store its state items (WF-227, WF-282)", async () => {
  const sent: unknown[] = [];
  for (let left = recording.sent.length; left > 0; left -= 1) {
    const received = await setup.realm.queue("other").receive({ wait: 5 });
    sent.push(generalize(JSON.parse(received?.body ?? "null")));
  }
  const text = (value: unknown): string => JSON.stringify(value);
  expect(sent.map(text).toSorted()).toEqual(recording.sent.map(text).toSorted());
  for (const [id, item] of Object.entries(recording.state)) {
    expect(generalize({ ...(await setup.realm.state.get(id)) })).toEqual(item);
  }
});
