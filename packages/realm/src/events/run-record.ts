import type { Data, DataMap } from "@lava/core";
import { type EventStatus, terminalStatuses } from "@lava/spec";
import { dataMapOf, numberOf, textOf } from "../marshal.ts";
import type { LogEntry, RunRecord } from "./types.ts";

/** Whether a status ends a run. */
export function isTerminal(status: string | undefined): boolean {
  return over.some((terminal) => terminal === status);
}

/** The statuses that end a run, as a list. */
export const over: readonly EventStatus[] = [...terminalStatuses];

/** An events item as a record; lenient, since a Python worker may have written any part of it. */
export function toRunRecord(item: DataMap): RunRecord {
  const ttl = numberOf(item["ttl"]);
  const log = item["log"];
  return {
    job_id: textOf(item["job_id"]) ?? "",
    run_id: textOf(item["run_id"]) ?? "",
    status: textOf(item["status"]) ?? "",
    ts_dispatch: textOf(item["ts_dispatch"]) ?? null,
    ts_event: textOf(item["ts_event"]) ?? "",
    tu_event: textOf(item["tu_event"]) ?? "",
    worker: textOf(item["worker"]) ?? "",
    hostname: textOf(item["hostname"]) ?? "",
    ...(ttl === undefined ? {} : { ttl }),
    log: Array.isArray(log) ? log.map((entry: Data) => toLogEntry(dataMapOf(entry))) : [],
    extra: Object.fromEntries(Object.entries(item).filter(([name]) => name.startsWith("x_"))),
    raw: item,
  };
}

function toLogEntry(entry: DataMap): LogEntry {
  return {
    ts_event: textOf(entry["ts_event"]) ?? "",
    tu_event: textOf(entry["tu_event"]) ?? "",
    status: textOf(entry["status"]) ?? "",
    info: entry["info"] ?? null,
  };
}
