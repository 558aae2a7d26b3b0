import { type DataMap, LavaError } from "@lava/core";
import { ConditionFailed } from "../documents.ts";
import { isTerminal, over } from "../events/run-record.ts";
import type { RunWriter } from "../events/run-writer.ts";
import type { RunKey } from "../events/types.ts";
import type { Expression } from "../expression.ts";
import { dataMapOf, textOf } from "../marshal.ts";
import { findObstacle } from "./decide.ts";
import { type LeaseContext, raiseCancels } from "./lease.ts";
import type { CancelOutcome, CancelRequest } from "./types.ts";

/** Text of the event that ends a cancelled run. */
export function cancelText({ by, reason }: { by: string; reason?: string | undefined }): string {
  return `Cancelled by ${by}${reason === undefined || reason === "" ? "" : `: ${reason}`}`;
}

/** A message that was taken before it was sent. */
export interface Waiting {
  /** It will not be sent. */
  drop(): Promise<void>;
  /** It is sent now. */
  send(): Promise<void>;
}

/** What cancelling needs. */
export interface CancelContext extends LeaseContext {
  readonly writer: RunWriter;
  /**
   * Sends a waiting run to its worker at once, given its item; set where the realm has actions for cancelled runs,
   * which need a worker.
   */
  readonly wake?: ((run: RunKey, item: DataMap) => Promise<void>) | undefined;
  /** Takes the message of a run that waits for its first start away from those who would send it, where there is one. */
  readonly takeWaiting?: (run: RunKey) => Promise<Waiting | undefined>;
}

/**
 * Notes the wish in the run's item, and tells the holder, which looks at a number in its lease item.
 *
 * @throws {LavaError} RUN_IS_OVER, RUN_IS_CHILD
 */
export async function cancelRun(
  request: CancelRequest,
  context: CancelContext,
): Promise<CancelOutcome> {
  const item = await note(request, context);
  const obstacle = findObstacle(item);
  if (obstacle.kind === "holder") {
    return (await raiseCancels(obstacle.holder, context)) ? "told" : "noted";
  }
  if (obstacle.kind === "foreign") return "unreachable";
  const { job_id, run_id } = request;
  if (textOf(item["status"]) === undefined) {
    const waiting = await context.takeWaiting?.({ job_id, run_id });
    if (waiting === undefined) return "noted"; // in its queue
    if (context.wake === undefined) {
      const isEnded = await end(request, item, context);
      if (isEnded) await waiting.drop();
      else await waiting.send();
      return isEnded ? "ended" : "noted";
    }
    await waiting.send();
    return "noted";
  }
  if (textOf(item["status"]) !== "retrying") return "noted";
  if (context.wake !== undefined) {
    await context.wake({ job_id, run_id }, item);
    return "noted";
  }
  return (await end(request, item, context)) ? "ended" : "noted";
}

/** Writes the wish; the run's item as it is then. */
async function note(
  request: CancelRequest,
  { writer, clock }: LeaseContext & { readonly writer: RunWriter },
): Promise<DataMap> {
  const { job_id, run_id, by, reason } = request;
  const update = {
    events: [],
    origin: { worker: "", hostname: request.hostname },
    returns: true,
  };
  const x_cancel = {
    by,
    at: new Date(clock.now()).toISOString(),
    ...(reason === undefined ? {} : { reason }),
  };
  const exists = (expression: Expression): string =>
    `attribute_exists(${expression.name("job_id")})`;
  for (;;) {
    try {
      // A child of a chain, dag or foreach ends with its parent only.
      return await writer.write(request, {
        ...update,
        extra: { x_cancel },
        condition: (expression) =>
          `${exists(expression)} AND NOT ${isOver(expression)} AND ` +
          `attribute_not_exists(${expression.name("x_child")})`,
      });
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const status = textOf(error.item?.["status"]);
      const parent = textOf(dataMapOf(error.item?.["x_child"])["parent"]);
      if (parent !== undefined) {
        throw new LavaError(
          "RUN_IS_CHILD",
          `Run ${run_id} of job ${job_id} is part of the run of job ${parent}`,
          { retry: "never", kind: "usage", hint: `lava cancel ${parent} ${run_id}` },
        );
      }
      if (isTerminal(status)) {
        throw new LavaError("RUN_IS_OVER", `Run ${run_id} of job ${job_id} is over: ${status}`, {
          retry: "never",
          kind: "usage",
        });
      }
    }
    try {
      // Queued, and received by nobody yet.
      return await writer.write(request, {
        ...update,
        extra: { x_cancel, x_state: "queued" },
        condition: (expression) => `NOT ${exists(expression)}`,
      });
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
}

/** Ends a run that nobody holds: its message finds it over. False when it was claimed meanwhile. */
async function end(
  request: CancelRequest,
  item: DataMap,
  { writer }: { readonly writer: RunWriter },
): Promise<boolean> {
  const error = cancelText(request);
  try {
    await writer.write(request, {
      events: [{ status: "failed", info: { error_data: null, error } }],
      origin: { worker: textOf(item["worker"]) ?? "", hostname: request.hostname },
      extra: { x_state: "cancelled", x_reason: "cancelled", x_actions: { state: "settled" } },
      condition: (expression) =>
        `attribute_not_exists(${expression.name("x_holder")}) AND ` +
        `(attribute_not_exists(${expression.name("status")}) OR ` +
        `${expression.name("status")} = ${expression.value("retrying")})`,
    });
    return true;
  } catch (failure) {
    if (failure instanceof ConditionFailed) return false;
    throw failure;
  }
}

function isOver(expression: Expression): string {
  const values = over.map((status) => expression.value(status)).join(", ");
  return `${expression.name("status")} IN (${values})`;
}
