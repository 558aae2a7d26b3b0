import { errorText, LavaError, type Logger } from "@lava/core";
import type { EventOrigin, Realm, WorkerQueue } from "@lava/realm";
import type { LastWill } from "./watchdog.ts";

/** What executing a will needs. */
export interface ExecuteLastWillOptions {
  readonly realm: Pick<Realm, "runs">;
  readonly queue: WorkerQueue;
  readonly origin: EventOrigin;
  readonly logger: Logger;
}

/**
 * Hands the runs of a worker process that is dead or frozen to the others at once: ends its lease where it is dead,
 * sends fresh copies of its messages and deletes the old ones. Without it they would wait for the visibility of the
 * messages.
 *
 * @throws {LavaError} BAD_LAST_WILL
 */
export async function executeLastWill(
  text: string,
  { realm, queue, origin, logger }: ExecuteLastWillOptions,
): Promise<void> {
  const { delay, messages, lease } = parseLastWill(text);
  if (lease !== undefined) {
    await realm.runs
      .lease({ origin, process: lease })
      .end()
      .catch((error: unknown) => {
        logger.warn({ event_type: "worker", error: errorText(error) }, "Lease was not ended");
      });
  }
  for (const { body, receipt } of messages) {
    await queue.sendBody(body, { delay });
    await queue.delete(receipt);
  }
  logger.warn(
    { event_type: "worker" },
    `A worker process was lost: ${messages.length} runs are handed to other workers`,
  );
}

function parseLastWill(text: string): LastWill {
  const bad = (cause?: unknown): LavaError =>
    new LavaError("BAD_LAST_WILL", "Standard input is no last will of a worker", { cause });
  try {
    const value: unknown = JSON.parse(text);
    if (isLastWill(value)) return value;
  } catch (error) {
    throw bad(error);
  }
  throw bad();
}

function isLastWill(value: unknown): value is LastWill {
  if (typeof value !== "object" || value === null) return false;
  if (!("delay" in value) || typeof value.delay !== "number") return false;
  if ("lease" in value && typeof value.lease !== "string") return false;
  return (
    "messages" in value &&
    Array.isArray(value.messages) &&
    value.messages.every(
      (one: unknown) =>
        typeof one === "object" &&
        one !== null &&
        "body" in one &&
        typeof one.body === "string" &&
        "receipt" in one &&
        typeof one.receipt === "string",
    )
  );
}
