import { type Clock, LavaError, type Logger, errorText } from "@lava/core";
import type { WorkerLease } from "@lava/realm";

/** Options of {@link createLeaseKeeper}. */
export interface LeaseKeeperOptions {
  /** A new lease of this process; called again after one was lost. */
  readonly newLease: () => WorkerLease;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told for how long, in ms, jobs may live without a further word; 0 when there is none to guard. */
  readonly allow: (ms: number) => void;
  /** The lease is lost: all runs under `holder` are to stop. */
  readonly onLost: (holder: string) => void;
}

/** Keeps the worker's one lease while there are runs, and asks for nothing while there are none. */
export interface LeaseKeeper extends AsyncDisposable {
  /** A live lease's holder, for one more run; {@link leave} when it has ended. */
  enter(): Promise<string>;
  leave(): void;
  /** Whether runs that were claimed under `holder` are still ours. */
  isLive(holder: string): boolean;
}

/** Part of a lease that is kept in reserve: jobs are dead before others may take their runs. */
const RESERVE = 0.1;

/** A keeper that takes the lease with the first run. */
export function createLeaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const { clock, logger } = options;
  let lease = options.newLease();
  let duration = 0;
  let runs = 0;
  let opening: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const remaining = (): number => lease.expires - duration * RESERVE - clock.now();
  const lose = (error: unknown): void => {
    const { holder } = lease;
    logger.warn({ event_type: "worker", error: errorText(error) }, `Lease of ${holder} is lost`);
    clearTimeout(timer);
    timer = undefined;
    lease = options.newLease();
    duration = 0;
    options.allow(0);
    options.onLost(holder);
  };
  const renewed = (): void => {
    duration = Math.max(duration, lease.expires - clock.now());
    options.allow(Math.max(1, remaining()));
    schedule(duration / 3);
  };
  const schedule = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void renew(), ms);
    timer.unref();
  };
  const renew = async (): Promise<void> => {
    if (runs === 0) return;
    const renewing = lease;
    try {
      if (remaining() <= 0) throw new LavaError("LEASE_LOST", "it was not renewed in time");
      await renewing.renew();
      if (renewing === lease) renewed();
    } catch (error) {
      if (renewing !== lease) return;
      if ((error instanceof LavaError && error.code === "LEASE_LOST") || remaining() <= 0) {
        lose(error);
        return;
      }
      logger.warn({ event_type: "worker", error: errorText(error) }, "Lease was not renewed");
      schedule(Math.min(1000, Math.max(20, remaining() / 4)));
    }
  };
  /** A lease with a good part of its time before it. */
  const open = async (): Promise<void> => {
    if (duration > 0 && remaining() > duration / 2) {
      if (timer === undefined) renewed();
      return;
    }
    if (duration > 0) {
      try {
        await lease.renew(); // also after it lapsed while there was nothing to hold
        renewed();
        return;
      } catch (error) {
        if (!(error instanceof LavaError) || error.code !== "LEASE_LOST") throw error;
        lease = options.newLease();
      }
    }
    await lease.start();
    renewed();
  };

  return {
    async enter() {
      runs += 1;
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
      clearTimeout(timer);
      timer = undefined;
      options.allow(0);
    },
    isLive: (holder) => holder === lease.holder && duration > 0 && remaining() > 0,
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      timer = undefined;
      if (duration > 0) await lease.end().catch(() => undefined);
    },
  };
}
