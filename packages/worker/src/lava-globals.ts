import { type Data, DecimalValue, LavaError, formatLocalTime, isMap } from "@lava/core";
import type { LavaGlobals } from "./handler.ts";
import { formatUtcOffsetTime, parseIsoTime } from "./times.ts";

const TIMES = ["master_start", "master_ustart", "parent_start", "parent_ustart"] as const;

/**
 * `globals.lava` of a run: what the sender gave, the rest from the run itself (WK-054, WF-086).
 *
 * @throws {LavaError} BAD_TIMESTAMP when a time is not strict ISO (WK-038)
 */
export function toLavaGlobals(sent: Data | undefined, job_id: string, start: number): LavaGlobals {
  const given = isMap(sent) ? sent : {};
  for (const name of TIMES) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== "string" || parseIsoTime(value) === undefined) {
      throw new LavaError("BAD_TIMESTAMP", `${name}: Bad timestamp: ${String(value)}`, {
        retry: "never",
      });
    }
  }
  const text = (name: string, otherwise: string): string => {
    const value = given[name];
    return typeof value === "string" ? value : otherwise;
  };
  const local = formatLocalTime(start);
  const utc = formatUtcOffsetTime(start);
  const iteration = toInt(given["iteration"]);
  const foreach_index = toInt(given["foreach_index"]);
  return {
    ...extras(given),
    master_job_id: text("master_job_id", job_id),
    parent_job_id: text("parent_job_id", job_id),
    master_start: text("master_start", local),
    master_ustart: text("master_ustart", utc),
    parent_start: text("parent_start", local),
    parent_ustart: text("parent_ustart", utc),
    ...(iteration === undefined ? {} : { iteration }),
    ...(foreach_index === undefined ? {} : { foreach_index }),
  };
}

/** What a child or a dispatched job gets: the same master, this job as its parent (WK-137, WF-087). */
export function childLavaGlobals(
  lava: LavaGlobals,
  parent: { readonly job_id: string; readonly ts_start: number },
  foreachIndex?: number,
): LavaGlobals {
  return {
    ...lava,
    parent_job_id: parent.job_id,
    parent_start: formatLocalTime(parent.ts_start),
    parent_ustart: formatUtcOffsetTime(parent.ts_start),
    ...(foreachIndex === undefined ? {} : { foreach_index: foreachIndex }),
  };
}

/** Members that we do not know travel on. */
function extras(given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).filter(([name]) => name !== "iteration" && name !== "foreach_index"),
  );
}

function toInt(value: unknown): number | undefined {
  if (typeof value === "number") return Math.trunc(value);
  return value instanceof DecimalValue ? Math.trunc(Number(value.text)) : undefined;
}
