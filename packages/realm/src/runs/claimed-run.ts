import type { DataMap } from "@lava/core";
import { ConditionFailed } from "../documents.ts";
import { runLost } from "../events/event-store.ts";
import { isTerminal, over, toRunRecord } from "../events/run-record.ts";
import type { RunUpdate } from "../events/run-update.ts";
import type { RunWriter } from "../events/run-writer.ts";
import type { EventOrigin, RunEvent, RunKey } from "../events/types.ts";
import { numberOf } from "../marshal.ts";
import type { Unsettled } from "./decide.ts";
import { repeat } from "./repeat.ts";
import type { ClaimedRun, ClaimOptions } from "./types.ts";

/** What a claimed run is made of. */
export interface ClaimedRunOptions {
  readonly writer: RunWriter;
  readonly run: RunKey;
  readonly holder: string;
  readonly origin: EventOrigin;
  /** The item right after the claim. */
  readonly item: DataMap;
  readonly lost: string | undefined;
  readonly unsettled: Unsettled | undefined;
  /** A new token for each write. */
  readonly token: () => string;
  /** See {@link ClaimOptions.again}. */
  readonly again?: ClaimOptions["again"];
}

/** The run's owner's handle: every write is conditional on holder and epoch. */
export function createClaimedRun(options: ClaimedRunOptions): ClaimedRun {
  const { writer, holder, origin, item, lost, unsettled, token } = options;
  const run = { job_id: options.run.job_id, run_id: options.run.run_id };
  const epoch = numberOf(item["x_epoch"]) ?? 0;
  const fence = { holder, epoch };
  /** The terminal status, once the run has one. */
  let status = unsettled?.status;

  /**
   * One fenced write. The SDK sends again when an answer gets lost: the token shows that the first sending
   * arrived, so that nothing is appended twice and the second is no failure.
   */
  async function write(update: Omit<RunUpdate, "origin" | "condition">): Promise<void> {
    const mark = token();
    const send = (): Promise<DataMap> =>
      writer.write(run, {
        ...update,
        origin,
        extra: { ...update.extra, x_write: mark },
        condition: (expression) => {
          const name = expression.name("x_write");
          const parts = [
            `${expression.name("x_holder")} = ${expression.value(holder)}`,
            `${expression.name("x_epoch")} = ${expression.value(epoch)}`,
            `(attribute_not_exists(${name}) OR ${name} <> ${expression.value(mark)})`,
          ];
          if (status === undefined) {
            const values = over.map((one) => expression.value(one)).join(", ");
            parts.push(`NOT ${expression.name("status")} IN (${values})`);
          }
          return parts.join(" AND ");
        },
      });
    try {
      await repeat(send, options.again);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      if (error.item?.["x_write"] === mark) return;
      throw runLost(run, fence);
    }
  }

  const list = (events: RunEvent | readonly RunEvent[]): readonly RunEvent[] =>
    isList(events) ? events : [events];

  return {
    ...run,
    ...fence,
    attempt: numberOf(item["x_attempt"]) ?? 1,
    record: toRunRecord(item),
    ...(lost === undefined ? {} : { lost }),
    ...(unsettled === undefined ? {} : { finished: unsettled }),
    async append(events, extra) {
      // The last one becomes the run's status; a failed retry action may stand before it.
      const last = list(events).at(-1)?.status;
      if (isTerminal(last)) throw misuse(run, `append of ${last}`);
      if (status !== undefined) throw misuse(run, "an event after the end");
      await write({ events: list(events), extra });
    },
    async finish(event, { actions = false, before = [], extra } = {}) {
      if (!isTerminal(event.status)) throw misuse(run, `finish with ${event.status}`);
      if (status !== undefined) throw misuse(run, "a second end");
      await write({
        events: [...before, event],
        extra: {
          x_state: "done",
          x_reason: undefined,
          x_hint: undefined,
          ...extra,
          x_actions: { state: actions ? "pending" : "settled" },
          ...(actions ? {} : { x_holder: undefined }),
        },
      });
      status = event.status;
    },
    async noteAction(key, note) {
      if (status === undefined) throw misuse(run, "an action before the end");
      await write({ events: [], assign: [[["x_actions", key], note]] });
    },
    async settle(failed = []) {
      if (status === undefined) throw misuse(run, "actions settled before the end");
      await write({
        events: failed,
        // A terminal state is never overwritten, except `complete` by `action_failed`.
        keepStatus: status !== "complete",
        assign: [[["x_actions", "state"], "settled"]],
        extra: {
          x_holder: undefined,
          // What failed keeps its own reason.
          ...(failed.length > 0 && status === "complete" ? { x_reason: "action_failed" } : {}),
        },
      });
    },
    async release(event, { reason, extra } = {}) {
      if (event.status !== "retrying") throw misuse(run, `release with ${event.status}`);
      if (status !== undefined) throw misuse(run, "release after the end");
      await write({
        events: [event],
        extra: {
          x_state: "released",
          ...(reason === undefined ? {} : { x_reason: reason }),
          ...extra,
          x_holder: undefined,
        },
      });
    },
  };
}

function isList(events: RunEvent | readonly RunEvent[]): events is readonly RunEvent[] {
  return Array.isArray(events);
}

/** A fault of our own code, not of the run. */
function misuse(run: RunKey, what: string): Error {
  return new TypeError(`Run ${run.run_id} of job ${run.job_id}: ${what} is not possible here`);
}
