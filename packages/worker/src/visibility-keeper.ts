import { type Logger, errorText } from "@lava/core";
import type { WorkerQueue } from "@lava/realm";
import type { Renewals } from "./renewal/renewals.ts";

/** Keeps messages hidden while their runs last (WK-025). */
export interface VisibilityKeeper {
  /** Seconds to ask for with a receive; undefined where the queue's own must do. */
  readonly seconds: number | undefined;
  /**
   * Resolves once it is known whether the worker may extend. Nothing should be received before: a message whose
   * answer gets lost would stay hidden for as long as the queue says, an hour.
   */
  readonly ready: Promise<void>;
  /** Keeps a message hidden until the result is called. */
  hold(receipt: string, isShort: boolean): () => void;
  /** Hides a message once for so many seconds; a failure is no fault. */
  hide(receipt: string, seconds: number): Promise<void>;
}

/** Options of {@link createVisibilityKeeper}. */
export interface VisibilityKeeperOptions {
  readonly queue: WorkerQueue;
  readonly renewals: Pick<Renewals, "order">;
  /** Seconds for which a message is hidden at a time. */
  readonly seconds: number;
  readonly logger: Logger;
}

/**
 * A keeper for one queue. Whether the worker may extend at all is asked at once, with a receipt that names no
 * message: without the right the queue's own visibility stays as it is, or a run would be delivered twice.
 */
export function createVisibilityKeeper(options: VisibilityKeeperOptions): VisibilityKeeper {
  const { queue, renewals, logger } = options;
  const seconds = Math.max(1, Math.round(options.seconds));
  let allowed: boolean | undefined;
  const ready = queue.extend("lava-permission-probe", seconds).then(
    (granted) => {
      allowed = granted;
    },
    () => {
      allowed = true; // refused for the receipt, not for the right
    },
  );
  const extend = async (receipt: string, time: number): Promise<void> => {
    if (allowed === false) return;
    try {
      allowed = await queue.extend(receipt, Math.round(time));
    } catch (error) {
      const fields = { event_type: "worker", error: errorText(error) };
      logger.warn(fields, "Visibility was not extended");
    }
  };
  return {
    ready,
    get seconds() {
      return allowed === true ? seconds : undefined;
    },
    hold(receipt, isShort) {
      if (allowed === false) return () => undefined;
      // Not by the thread, which may still be starting: until then the queue's own time counts, which may be hours.
      if (!isShort) void extend(receipt, seconds);
      renewals.order({ order: "hold", receipt, seconds, atOnce: false });
      return () => {
        renewals.order({ order: "release", receipt });
      };
    },
    hide: extend,
  };
}
