import { randomUUID } from "node:crypto";
import type { DataMap } from "@lava/core";
import { DISPATCHER_INDEX, scheduleId } from "@lava/spec";
import { searchAll } from "../documents.ts";
import { createExpression } from "../expression.ts";
import { numberOf, textOf } from "../marshal.ts";
import { openLeaderLease } from "./leader-lease.ts";
import { setItem } from "./set-item.ts";
import { openSlotLedger, type ScheduleContext } from "./slot-ledger.ts";
import type { Pause, PauseTarget, ScheduleStore } from "./types.ts";

/** Notices are of use for minutes: a scheduler that was away reads everything. */
const KEEP_CHANGE_MS = 3_600_000;

/** A pause that goes on is kept for good, nearly; one that ended until all have seen that. */
const KEEP_PAUSE_MS = 20 * 366 * 24 * 3_600_000;

/** Ids of one notice, so that its item stays small. */
const JOBS_PER_CHANGE = 1000;

/** A notice that pauses have changed names this in place of a job. */
const PAUSES = "lava/pauses";

/** All that the schedulers of one realm share. */
export function openScheduleStore(context: ScheduleContext): ScheduleStore {
  const { table, jobsTable, documents, clock } = context;

  async function listAll(kind: "changes" | "pauses", from = " "): Promise<DataMap[]> {
    const expression = createExpression();
    return searchAll(documents, table, {
      key:
        `${expression.name("job_id")} = ${expression.value(scheduleId(kind))} AND ` +
        `${expression.name("run_id")} >= ${expression.value(from)}`,
      expression,
    });
  }

  async function announce(jobs: readonly string[]): Promise<void> {
    const now = clock.now();
    for (let at = 0; at < jobs.length; at += JOBS_PER_CHANGE) {
      const run_id = `${new Date(now).toISOString()}/${randomUUID()}`;
      await setItem(
        documents,
        { table, key: { job_id: scheduleId("changes"), run_id }, now, keepMs: KEEP_CHANGE_MS },
        { x_time: now, x_jobs: jobs.slice(at, at + JOBS_PER_CHANGE) },
      );
    }
  }

  const pauseItem = (target: PauseTarget, keepMs: number) => ({
    table,
    key: { job_id: scheduleId("pauses"), run_id: target },
    now: clock.now(),
    keepMs,
  });

  return {
    slots: openSlotLedger(context),
    leader: (role, holder, hostname) => openLeaderLease(role, holder, hostname, context),
    async listJobs(dispatcher) {
      const expression = createExpression();
      const key =
        dispatcher === undefined
          ? {}
          : { key: `${expression.name("dispatcher")} = ${expression.value(dispatcher)}` };
      const search = { index: DISPATCHER_INDEX, expression, ...key };
      const items = await searchAll(documents, jobsTable, search);
      return items.map((item) => ({
        job_id: textOf(item["job_id"]) ?? "",
        dispatcher: textOf(item["dispatcher"]) ?? "",
        item,
      }));
    },
    announce,
    async changes(since) {
      const items = await listAll("changes", new Date(since).toISOString());
      return items.map((item) => ({
        id: textOf(item["run_id"]) ?? "",
        time: numberOf(item["x_time"]) ?? 0,
        jobs: Array.isArray(item["x_jobs"]) ? item["x_jobs"].map(String) : [],
      }));
    },
    async pause(target, by, note) {
      const item = pauseItem(target, KEEP_PAUSE_MS);
      const notes = { x_note: note, x_by: by };
      const found = await setItem(
        documents,
        item,
        { ...notes, x_state: "paused", x_since: clock.now(), x_until: undefined },
        (expression) => {
          const state = expression.name("x_state");
          return `attribute_not_exists(${state}) OR ${state} <> ${expression.value("paused")}`;
        },
      );
      // A pause that goes on began when it began.
      if (found !== undefined) await setItem(documents, item, notes);
      await announce([PAUSES]);
    },
    async resume(target) {
      const found = await setItem(
        documents,
        pauseItem(target, KEEP_CHANGE_MS),
        { x_state: "resumed", x_until: clock.now() },
        (expression) => `${expression.name("x_state")} = ${expression.value("paused")}`,
      );
      if (found === undefined) await announce([PAUSES]);
      return found === undefined;
    },
    async pauses() {
      return (await listAll("pauses")).map(toPause);
    },
  };
}

function toPause(item: DataMap): Pause {
  const target = textOf(item["run_id"]) ?? "";
  return {
    target: target.startsWith("dispatcher/")
      ? `dispatcher/${target.slice(11)}`
      : target.startsWith("job/")
        ? `job/${target.slice(4)}`
        : "all",
    since: numberOf(item["x_since"]) ?? 0,
    until: numberOf(item["x_until"]),
    note: textOf(item["x_note"]) ?? "",
    by: textOf(item["x_by"]) ?? "",
  };
}
