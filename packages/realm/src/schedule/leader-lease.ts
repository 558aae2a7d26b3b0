import { LavaError } from "@lava/core";
import { leaderId } from "@lava/spec";
import { numberOf, textOf } from "../marshal.ts";
import { setItem } from "./set-item.ts";
import type { ScheduleContext } from "./slot-ledger.ts";
import type { LeaderLease, LeaderRecord, Term } from "./types.ts";

/** Lease items outlive their leaders by this, with the cursor: an outage may be long. */
const KEEP_MS = 366 * 24 * 3_600_000;

/** The lease of one role, as one process sees it. */
export function openLeaderLease(
  role: string,
  holder: string,
  hostname: string,
  { table, documents, clock }: ScheduleContext,
): LeaderLease {
  const key = { job_id: leaderId(role), run_id: "lease" };
  const own = () => ({ table, key, now: clock.now(), keepMs: KEEP_MS });
  let beat = 0;

  async function write(term: Term, state: "live" | "ended"): Promise<void> {
    beat += 1;
    const lost = await setItem(
      documents,
      own(),
      {
        x_state: state,
        x_beat: beat,
        ...(term.cursor === undefined ? {} : { x_cursor: term.cursor }),
      },
      (expression) =>
        `${expression.name("x_holder")} = ${expression.value(holder)} AND ` +
        `${expression.name("x_epoch")} = ${expression.value(term.epoch)}`,
    );
    if (lost === undefined) return;
    throw new LavaError("LEADER_LOST", `${holder} does not lead ${role} any more`, {
      retry: "never",
      hint: "It was stopped or cut off for longer than LEADER_TTL; it stands by again.",
    });
  }

  return {
    holder,
    async look(): Promise<LeaderRecord> {
      const item = await documents.get(table, key);
      const state = textOf(item?.["x_state"]);
      return {
        holder: textOf(item?.["x_holder"]) ?? "",
        hostname: textOf(item?.["hostname"]) ?? "",
        epoch: numberOf(item?.["x_epoch"]) ?? 0,
        state: state === "live" || state === "ended" ? state : "none",
        beat: numberOf(item?.["x_beat"]) ?? 0,
        cursor: numberOf(item?.["x_cursor"]),
      };
    },
    async take(seen) {
      const epoch = seen.epoch + 1;
      beat = seen.beat + 1;
      const before = await setItem(
        documents,
        own(),
        { x_state: "live", x_holder: holder, x_epoch: epoch, x_beat: beat, hostname },
        (expression) =>
          seen.state === "none"
            ? `attribute_not_exists(${expression.name("x_epoch")})`
            : `${expression.name("x_epoch")} = ${expression.value(seen.epoch)} AND ` +
              `${expression.name("x_beat")} = ${expression.value(seen.beat)}`,
      );
      if (before === undefined) return { epoch, cursor: seen.cursor };
      // The answer of an earlier sending was lost.
      const isOurs = before["x_holder"] === holder && numberOf(before["x_epoch"]) === epoch;
      return isOurs ? { epoch, cursor: seen.cursor } : undefined;
    },
    renew: (term) => write(term, "live"),
    release: (term) => write(term, "ended"),
  };
}
