// What the original's worker (the version is in original.json) made of the golden jobs, against what ours makes of
// the same messages. `npm run test:mixed -- --write` records it anew.
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Realm, RunKey, RunRecord } from "@lava/realm";
import { emulatedRealm, generalize, type RunSample, sampleRun } from "@lava/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorker } from "../../src/worker.ts";
import { eventually } from "../eventually.ts";
import { goldenLogger } from "./golden-logger.ts";
import { GOLDEN_REALM, goldenJobs, goldenPayloads, goldenState } from "./jobs.ts";
import { withoutKnownDifferences } from "./known-differences.ts";

interface Recording {
  readonly version: string;
  readonly cases: readonly { job_id: string; message: string; sample: RunSample }[];
  readonly logs: Readonly<Record<string, readonly string[]>>;
  readonly sent: readonly unknown[];
  readonly state: Readonly<Record<string, unknown>>;
}

const recording = JSON.parse(
  readFileSync(new URL("original.json", import.meta.url), "utf8"),
) as Recording;

// Leases as in production: a busy machine must not add takeovers to the logs.
const stack = new AsyncDisposableStack();
let realm: Realm;
let lines: string[];

beforeAll(async () => {
  const emulated = stack.use(
    await emulatedRealm({
      ...{ name: GOLDEN_REALM, workers: ["core", "other"], jobs: [...goldenJobs] },
      ...{ payloads: goldenPayloads, state: goldenState },
      record: { s3_key: `alias/lava-${GOLDEN_REALM}-user` },
      env: { LAVA_TMPDIR: join(tmpdir(), `lava-golden-${process.pid}`) },
    }),
  );
  ({ realm } = emulated);
  for (const { message } of recording.cases) await realm.queue("core").sendBody(message);
  lines = [];
  stack.use(
    await startWorker({
      ...{ realm, worker: "core", threads: 4, wait: 1, killGrace: 0.2 },
      env: { PATH: process.env["PATH"], ...emulated.environment },
      logger: goldenLogger((line) => lines.push(line)),
    }),
  );
});
afterAll(() => stack.disposeAsync());

const comparable = (sample: RunSample): unknown =>
  JSON.parse(JSON.stringify(withoutKnownDifferences(sample)));

/** Waits until a run is over, its actions too. */
const ended = (run: RunKey): Promise<RunRecord> =>
  eventually(async () => {
    const record = await realm.events.get(run);
    const actions = JSON.stringify(record?.extra["x_actions"] ?? null);
    return actions.includes('"settled"') ? record : undefined;
  }, 50_000);

test.each(recording.cases)(
  "the original's message for $job_id leads to the original's events and outputs (WF-280, WF-281, WF-284, T-84)",
  async ({ message, sample }) => {
    const { job_id, run_id } = JSON.parse(message) as { job_id: string; run_id: string };
    await ended({ job_id, run_id });

    const ours = await sampleRun({ realm, run: { job_id, run_id } });

    expect(comparable(ours)).toEqual(comparable(sample));
  },
  60_000,
);

test("dispatch jobs and actions send the original's messages, actions store its state items (WF-227, WF-282, T-84)", async () => {
  const sent: unknown[] = [];
  for (let left = recording.sent.length; left > 0; left -= 1) {
    const received = await realm.queue("other").receive({ wait: 5 });
    sent.push(generalize(JSON.parse(received?.body ?? "null")));
  }
  const text = (value: unknown): string => JSON.stringify(value);
  expect(sent.map(text).toSorted()).toEqual(recording.sent.map(text).toSorted());
  for (const [id, item] of Object.entries(recording.state)) {
    expect(generalize({ ...(await realm.state.get(id)) })).toEqual(item);
  }
});

test.each(Object.entries(recording.logs))(
  "the log lines of a run of %s are the original's (WF-186)",
  (job_id, expected) => {
    const { message } = recording.cases.find((one) => one.job_id === job_id) ?? { message: "" };
    const { run_id } = JSON.parse(message) as { run_id: string };
    const name = `Job ${job_id} (${run_id}): `;
    const own = lines.filter((line) => line.includes(name));
    const texts = own.map((line) =>
      withoutDigits(String(generalize(line.slice(line.indexOf(name))))),
    );

    expect(texts).toEqual(expected.map(withoutDigits));
    expect(own.every((line) => /^(INFO|WARNING|ERROR) worker-NN job Job /.test(line))).toBe(true);
  },
);

/** The original says how much of a timeout was left. */
const withoutDigits = (text: string): string =>
  text.replace(/Timed out after [\d.]+ seconds/, "Timed out after <n> seconds");
