import { isMap, type LavaError } from "@lava/core";
import type { ExtraAttributes } from "@lava/realm";

/** Exit status of a program that ran out of time (WK-104). */
const STATUS_TIMEOUT = 28;

/** Finer words for how a run ended badly than its status has: `x_state` and `x_reason` (WF-116, design 5). */
export function describeFailure(failure: LavaError): ExtraAttributes {
  if (failure.code === "LATE_RUN") return { x_state: "late", x_reason: "max_run_delay" };
  return { x_reason: isTimeout(failure) ? "timeout" : failure.code.toLowerCase() };
}

function isTimeout({ code, data, message }: LavaError): boolean {
  if (code === "JOB_TIMEOUT") return true;
  return isMap(data) && data["exit_status"] === STATUS_TIMEOUT && message.startsWith("Timed out");
}
