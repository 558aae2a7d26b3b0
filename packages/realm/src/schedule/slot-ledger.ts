import type { Clock, DataMap } from "@lava/core";
import { slotsId } from "@lava/spec";
import type { Documents } from "../documents.ts";
import { createExpression, type Expression } from "../expression.ts";
import { numberOf, textOf } from "../marshal.ts";
import { setItem } from "./set-item.ts";
import { slotRunId } from "./slot-run-id.ts";
import type { OpenSlot, SlotKey, SlotLedger, SlotRecord, SlotState } from "./types.ts";

/** What the ledger needs. */
export interface ScheduleContext {
  readonly realm: string;
  readonly table: string;
  readonly jobsTable: string;
  readonly documents: Documents;
  readonly clock: Clock;
}

/** Slots are kept so long, milliseconds: no scheduler looks further back. */
const KEEP_MS = 35 * 24 * 3_600_000;

/** The slots of one realm. */
export function openSlotLedger({ realm, table, documents, clock }: ScheduleContext): SlotLedger {
  const runId = ({ job_id, slot }: SlotKey): string => slotRunId(realm, job_id, slot);
  const own = ({ job_id, slot }: SlotKey) => ({
    table,
    key: { job_id: slotsId(job_id), run_id: slotName(slot) },
    now: clock.now(),
    keepMs: KEEP_MS,
  });
  const values = (slot: OpenSlot, state: SlotState): DataMap => ({
    x_state: state,
    x_run_id: runId(slot),
    x_slot: slot.slot,
    x_epoch: slot.epoch,
    worker: slot.worker,
  });

  return {
    runId,
    async open(slot) {
      const found = await setItem(
        documents,
        own(slot),
        { ...values(slot, "pending"), x_reason: slot.reason },
        (expression) => {
          const state = expression.name("x_state");
          const epoch = expression.value(slot.epoch);
          return (
            `attribute_not_exists(${state}) OR ` +
            `(${is(expression, "pending")} AND ${expression.name("x_epoch")} < ${epoch}) OR ` +
            `(${is(expression, "skipped")} AND ${expression.name("x_reason")} = ${expression.value("paused")})`
          );
        },
      );
      // Pending under our own epoch: an earlier sending arrived and its answer was lost.
      return (
        found === undefined ||
        (found["x_state"] === "pending" && numberOf(found["x_epoch"]) === slot.epoch)
      );
    },
    async close(slot, state, reason) {
      await setItem(
        documents,
        own(slot),
        {
          x_state: state,
          x_reason: reason ?? slot.reason,
          ...(state === "sent" ? { x_sent: clock.now() } : {}),
        },
        (expression) =>
          `${is(expression, "pending")} AND ${expression.name("x_epoch")} = ${expression.value(slot.epoch)}`,
      );
    },
    async backfill(slot, { run_id, again = false }) {
      const found = await setItem(
        documents,
        own(slot),
        { ...values(slot, "pending"), x_run_id: run_id, x_reason: "backfill" },
        (expression) => {
          const state = expression.name("x_state");
          const reason = `${expression.name("x_reason")} = ${expression.value("backfill")}`;
          return (
            `attribute_not_exists(${state}) OR ${is(expression, "missed")} OR ` +
            `${is(expression, "skipped")} OR (${is(expression, "pending")} AND ${reason})` +
            (again ? ` OR ${is(expression, "sent")}` : "")
          );
        },
      );
      return found === undefined;
    },
    async enter(slot, state) {
      const found = await setItem(
        documents,
        own(slot),
        { ...values(slot, state), x_reason: slot.reason },
        (expression) =>
          `attribute_not_exists(${expression.name("x_state")}) OR ` +
          `(${is(expression, "pending")} AND ${expression.name("x_epoch")} < ${expression.value(slot.epoch)})`,
      );
      return found === undefined;
    },
    async list(job_id, { since = 0, until = MAX_TIME, state, limit = 50 } = {}) {
      const slots: SlotRecord[] = [];
      let start: DataMap | undefined;
      do {
        const expression = createExpression();
        const page = await documents.search(table, {
          key:
            `${expression.name("job_id")} = ${expression.value(slotsId(job_id))} AND ` +
            `${expression.name("run_id")} BETWEEN ${expression.value(slotName(since))} AND ${expression.value(slotName(until))}`,
          ...(state === undefined ? {} : { filter: is(expression, state) }),
          expression,
          descending: true,
          limit: Math.min(Math.max(limit, 20), 500),
          ...(start === undefined ? {} : { start }),
        });
        slots.push(...page.items.map((item) => toSlot(job_id, item)));
        start = page.next;
      } while (start !== undefined && slots.length < limit);
      return slots.slice(0, limit);
    },
  };
}

/** The last moment that sorts as text. */
const MAX_TIME = Date.UTC(9999, 11, 31);

/** UTC to the millisecond: text that sorts as time. */
function slotName(slot: number): string {
  return new Date(slot).toISOString();
}

function is(expression: Expression, state: SlotState): string {
  return `${expression.name("x_state")} = ${expression.value(state)}`;
}

function toSlot(job_id: string, item: DataMap): SlotRecord {
  const state = textOf(item["x_state"]);
  const reason = textOf(item["x_reason"]);
  const sent = numberOf(item["x_sent"]);
  return {
    job_id,
    slot: numberOf(item["x_slot"]) ?? 0,
    run_id: textOf(item["x_run_id"]) ?? "",
    worker: textOf(item["worker"]) ?? "",
    state: state === "sent" || state === "skipped" || state === "missed" ? state : "pending",
    epoch: numberOf(item["x_epoch"]) ?? 0,
    ...(reason === undefined ? {} : { reason }),
    ...(sent === undefined ? {} : { sent }),
  };
}
