import type { Data, DataMap } from "@lava/core";
import { isTerminal } from "../events/run-record.ts";
import { dataMapOf, numberOf, textOf } from "../marshal.ts";

/** What stands in the way of a claim, read from the run's item. */
export type Obstacle =
  /** Over, with all its actions. */
  | { readonly kind: "finished"; readonly status: string }
  /** Somebody is named as its holder. */
  | {
      readonly kind: "holder";
      readonly holder: string;
      readonly epoch: number;
      /** Set when the run itself is over and only actions are left. */
      readonly unsettled?: Unsettled;
    }
  /** Begun by a worker that knows nothing of leases (WF-287). */
  | { readonly kind: "foreign"; readonly worker: string; readonly seen: string }
  /** Free after all. */
  | { readonly kind: "none" };

/** A finished run whose actions are not all done. */
export interface Unsettled {
  readonly status: string;
  readonly info: Data;
  readonly actions: DataMap;
}

/** Why a claim found the run's item not free. */
export function findObstacle(item: DataMap | undefined): Obstacle {
  if (item === undefined) return { kind: "none" };
  const status = textOf(item["status"]);
  const holder = textOf(item["x_holder"]);
  const actions = dataMapOf(item["x_actions"]);
  const pending = actions["state"] === "pending";
  if (isTerminal(status) && !(pending && holder !== undefined)) {
    return { kind: "finished", status: status ?? "" };
  }
  if (holder !== undefined) {
    const epoch = numberOf(item["x_epoch"]) ?? 0;
    if (status === undefined || !isTerminal(status)) return { kind: "holder", holder, epoch };
    const { state: _, ...notes } = actions;
    const unsettled = { status, info: lastInfo(item, status), actions: notes };
    return { kind: "holder", holder, epoch, unsettled };
  }
  if (status === undefined || (status === "retrying" && item["x_epoch"] !== undefined)) {
    return { kind: "none" };
  }
  return {
    kind: "foreign",
    worker: textOf(item["worker"]) ?? "unknown",
    seen: textOf(item["tu_event"]) ?? "",
  };
}

/** The info of the last log entry with this status. */
function lastInfo(item: DataMap, status: string): Data {
  const log = item["log"];
  if (!Array.isArray(log)) return null;
  const entry = log.findLast((one: Data) => dataMapOf(one)["status"] === status);
  return dataMapOf(entry)["info"] ?? null;
}
