import { isMap, LavaError, type Redactor } from "@lava/core";
import type { ExtraAttributes } from "@lava/realm";

/** Exit status of a program that ran out of time (WK-104). */
const STATUS_TIMEOUT = 28;

const HINT_LENGTH = 1000;

/**
 * Finer words for how a run ended badly than its status has: `x_state`, `x_reason` and `x_hint` (WF-116, design 5).
 */
export function describeFailure(failure: LavaError, redactor: Redactor): ExtraAttributes {
  const hint = hintOf(failure);
  return {
    ...(failure.code === "LATE_RUN"
      ? { x_state: "late", x_reason: "max_run_delay" }
      : { x_reason: isTimeout(failure) ? "timeout" : failure.code.toLowerCase() }),
    ...(hint === undefined ? {} : { x_hint: redactor.mask(hint) }),
  };
}

/** What can be done about an error: its own hint, or that of what caused it. */
export function hintOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth += 1) {
    if (at instanceof LavaError && at.hint !== undefined) return at.hint.slice(0, HINT_LENGTH);
  }
  return undefined;
}

function isTimeout({ code, data, message }: LavaError): boolean {
  if (code === "JOB_TIMEOUT") return true;
  return isMap(data) && data["exit_status"] === STATUS_TIMEOUT && message.startsWith("Timed out");
}
