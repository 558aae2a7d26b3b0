import { type Clock, type DataMap, LavaError, type Logger, errorText } from "@lava/core";
import type { WorkerLease } from "@lava/realm";
import type { GuardFile } from "./renewal/guard-file.ts";
import type { Renewals } from "./renewal/renewals.ts";
import { guardedUntil, type RenewalNews } from "./renewal/renewer.ts";
import type { Watchdog } from "./watchdog/watchdog.ts";

/** Options of {@link createLeaseKeeper}. */
export interface LeaseKeeperOptions {
  /** A new lease of this process; called again after one was lost. */
  readonly newLease: () => WorkerLease;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly guard: GuardFile;
  readonly renewals: Pick<Renewals, "order">;
  readonly watchdog: Pick<Watchdog, "arm" | "rest" | "setLease">;
  /** The lease is lost: all runs under `holder` are to stop. */
  readonly onLost: (holder: string) => void;
  /** Some run under `holder` is to be cancelled. */
  readonly onCancels: (holder: string) => void;
  /** Milliseconds without a run after which renewals rest; 1,000 by default. */
  readonly restMs?: number;
}

/** Keeps the worker's one lease while there are runs, and asks for nothing while there are none. */
export interface LeaseKeeper extends AsyncDisposable {
  /** A live lease's holder, for one more run; {@link leave} when it has ended. */
  enter(): Promise<string>;
  leave(): void;
  /** Says something else of this process, for people; in the lease item where there is one. */
  tell(info: DataMap): Promise<void>;
  /** Whether runs that were claimed under `holder` are still ours, and their payloads were left alone. */
  isLive(holder: string): boolean;
  /** Takes what the renewals have to say. */
  hear(news: RenewalNews): void;
}

/**
 * A keeper that takes the lease with the first run. It takes and ends the lease; renewals are made by a thread of
 * their own ({@link Renewals}), and all that is known of the time is in the guard file, which the thread writes and
 * the watchdog reads while this event loop may be blocked.
 */
export function createLeaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const { clock, logger, guard, renewals, watchdog } = options;
  const monotonic = (): number => clock.monotonic?.() ?? clock.now();
  let lease = options.newLease();
  /** Monotonic time of the lease's start; undefined before it. */
  let since: number | undefined;
  let runs = 0;
  let isKept = false;
  let opening: Promise<void> | undefined;
  let resting: NodeJS.Timeout | undefined;
  let watching: NodeJS.Timeout | undefined;

  const remaining = (): number => guard.until - monotonic();
  const isUnbroken = (): boolean => since !== undefined && remaining() > 0 && guard.killed < since;
  const rest = (): void => {
    if (!isKept) return;
    isKept = false;
    clearTimeout(watching);
    renewals.order({ order: "rest" });
    watchdog.rest();
  };
  /** The thread may be dead or starved: what the watchdog does then is to be known here as well. */
  const watch = (): void => {
    clearTimeout(watching);
    if (!isKept) return;
    if (!isUnbroken()) {
      lose("it was not renewed in time");
      return;
    }
    watching = setTimeout(watch, Math.min(1000, Math.max(10, remaining())));
    watching.unref();
  };
  const keep = (): void => {
    if (isKept || since === undefined) return;
    isKept = true;
    watchdog.arm();
    renewals.order({ order: "renew", process: lease.process, since });
    watch();
  };
  const lose = (text: string): void => {
    const { holder } = lease;
    logger.warn({ event_type: "worker", error: text }, `Lease of ${holder} is lost`);
    rest();
    lease = options.newLease();
    since = undefined;
    options.onLost(holder);
  };
  /** One write of the lease item; payloads may live from before the call. */
  const write = async (call: () => Promise<void>): Promise<void> => {
    const written = monotonic();
    await call();
    guard.allow(guardedUntil(written, lease.durationMs));
  };
  /** A lease with a good part of its time before it. */
  const open = async (): Promise<void> => {
    if (since !== undefined && isKept && !isUnbroken()) lose("it was not renewed in time");
    if (since !== undefined && (isKept || remaining() > lease.durationMs / 2)) {
      keep();
      return;
    }
    if (since !== undefined) {
      try {
        await write(() => lease.renew()); // also after it lapsed while there was nothing to hold
        keep();
        return;
      } catch (error) {
        if (!(error instanceof LavaError) || error.code !== "LEASE_LOST") throw error;
        lease = options.newLease();
        since = undefined;
      }
    }
    const started = monotonic();
    await write(() => lease.start());
    since = started;
    watchdog.setLease(lease.process);
    keep();
  };

  return {
    async enter() {
      runs += 1;
      clearTimeout(resting);
      try {
        opening ??= open().finally(() => {
          opening = undefined;
        });
        await opening;
        return lease.holder;
      } catch (error) {
        runs -= 1;
        throw error;
      }
    },
    leave() {
      runs -= 1;
      if (runs > 0) return;
      clearTimeout(resting);
      // The next run often comes at once.
      resting = setTimeout(() => {
        if (runs === 0) rest();
      }, options.restMs ?? 1000);
      resting.unref();
    },
    async tell(info) {
      if (since === undefined || !isKept) return;
      try {
        await lease.tell(info);
      } catch (error) {
        // It is for people only; a lease that is lost is noticed by its renewals.
        logger.debug({ event_type: "worker", error: errorText(error) }, "Lease was not told");
      }
    },
    isLive: (holder) => holder === lease.holder && isUnbroken(),
    hear(news) {
      if (news.news === "ready") return;
      if (news.news === "not_renewed") {
        logger.warn({ event_type: "worker", error: news.text }, "Lease was not renewed");
      } else if (news.news === "not_extended") {
        logger.warn({ event_type: "worker", error: news.text }, "Visibility was not extended");
      } else if (news.process !== lease.process || since === undefined) {
        // of a lease that is gone
      } else if (news.news === "cancels") options.onCancels(lease.holder);
      else lose(news.text);
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(resting);
      rest();
      if (since !== undefined)
        await lease.end().catch((error: unknown) => {
          logger.debug({ event_type: "worker", error: errorText(error) }, "Lease was not ended");
        });
    },
  };
}
