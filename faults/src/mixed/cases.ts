import { setTimeout as delay } from "node:timers/promises";
import type { Realm, RunKey, RunRecord } from "@lava/realm";
import { isTerminal } from "@lava/realm";
import { formatDispatchMessage, parseDispatchMessage } from "@lava/spec";
import { generalize, type RunSample, sampleRun } from "@lava/testing";
import { goldenCases } from "../../../packages/worker/test/golden/jobs.ts";
import type { Original } from "./original.ts";

/** What was recorded of one case. */
export interface RecordedCase {
  readonly job_id: string;
  /** The message that started it, as its sender wrote it. */
  readonly message: string;
  readonly sample: RunSample;
}

/** Lets the original's dispatcher send one message for each case, and gives them back unsent. */
export async function recordMessages(original: Original, realm: Realm): Promise<string[]> {
  const plain = goldenCases.filter(({ options }) => options === undefined);
  await original.run("lava-dispatcher", ["-w", "core", ...plain.map(({ job_id }) => job_id)]);
  for (const { job_id, options } of goldenCases) {
    if (options !== undefined)
      await original.run("lava-dispatcher", ["-w", "core", ...options, job_id]);
  }
  const queue = realm.queue("core");
  const bodies: string[] = [];
  for (;;) {
    const message = await queue.receive({ wait: 0 });
    if (message === undefined) return bodies.map(lateWhereAsked);
    bodies.push(message.body);
    await queue.delete(message.receipt);
  }
}

/** The message of the job that must not run late is an hour old. */
function lateWhereAsked(body: string): string {
  const message = parseDispatchMessage(body);
  if (message.job_id !== "g/late") return body;
  return formatDispatchMessage({ ...message, ts_dispatch: "2026-01-01T00:00:00+00:00" });
}

/** Sends messages and waits until each of their runs has ended and settled down. */
export async function runMessages(
  realm: Realm,
  bodies: readonly string[],
): Promise<RecordedCase[]> {
  for (const body of bodies) await realm.queue("core").sendBody(body);
  const cases: RecordedCase[] = [];
  for (const body of bodies) {
    const { job_id, run_id } = parseDispatchMessage(body);
    await untilEnded(realm, { job_id, run_id });
  }
  await delay(2500); // the original writes its last events a moment after the end
  for (const body of bodies) {
    const { job_id, run_id } = parseDispatchMessage(body);
    cases.push({
      job_id,
      message: body,
      sample: await sampleRun({ realm, run: { job_id, run_id } }),
    });
  }
  return cases;
}

/** Waits for a run's end. */
export async function untilEnded(realm: Realm, run: RunKey, seconds = 60): Promise<RunRecord> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const record = await realm.events.get(run);
    if (record !== undefined && isTerminal(record.status)) return record;
    if (performance.now() > end) {
      throw new Error(`${run.job_id} ${run.run_id} stands at ${record?.status ?? "nothing"}`);
    }
    await delay(100);
  }
}

/** Messages for worker `other`, without ids and times, sorted. */
export async function takeSent(realm: Realm): Promise<unknown[]> {
  const sent: unknown[] = [];
  for (;;) {
    const message = await realm.queue("other").receive({ wait: 0 });
    if (message === undefined) break;
    await realm.queue("other").delete(message.receipt);
    sent.push(generalize(JSON.parse(message.body)));
  }
  return sent.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** State items that the golden jobs leave, without times. */
export async function takeState(realm: Realm): Promise<Readonly<Record<string, unknown>>> {
  const items: Record<string, unknown> = {};
  for (const id of ["g/last", "g/raw"]) {
    const item = await realm.state.get(id);
    items[id] = generalize(item === undefined ? null : { ...item });
  }
  return items;
}

/** The lines of a worker's log about each case's own run, by job, from the message on. */
export function logsOf(
  output: string,
  cases: readonly RecordedCase[],
): Readonly<Record<string, readonly string[]>> {
  const lines = output.split("\n");
  return Object.fromEntries(
    cases.map(({ job_id, message }) => {
      const name = `Job ${job_id} (${parseDispatchMessage(message).run_id}): `;
      const own = lines.filter((line) => line.includes(name));
      const texts = own.map((line) => String(generalize(line.slice(line.indexOf(name)))));
      // The original says how much of a timeout was left.
      return [
        job_id,
        texts.map((text) => text.replace(/after [\d.]+ seconds/, "after <n> seconds")),
      ];
    }),
  );
}
