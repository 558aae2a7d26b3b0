import { LavaError, errorText } from "@lava/core";
import type { WorkerLease } from "@lava/realm";
import type { GuardFile } from "./guard-file.ts";

/** What the renewer is told to do. */
export type RenewalOrder =
  /** Runs are held under this lease, which was taken at the monotonic time `since`. */
  | { readonly order: "renew"; readonly process: string; readonly since: number }
  /** No run is held any more. */
  | { readonly order: "rest" }
  /** Hide a message again and again; at once where its time is not known. */
  | {
      readonly order: "hold";
      readonly receipt: string;
      readonly seconds: number;
      readonly atOnce: boolean;
    }
  | { readonly order: "release"; readonly receipt: string };

/** What the renewer has to say. */
export type RenewalNews =
  /** The thread has begun. */
  | { readonly news: "ready" }
  | { readonly news: "lost"; readonly process: string; readonly text: string }
  | { readonly news: "not_renewed"; readonly text: string }
  | { readonly news: "not_extended"; readonly text: string }
  /** Runs of this lease are to be cancelled: which ones, their items say. */
  | { readonly news: "cancels"; readonly process: string };

/** What a renewer works with. */
export interface RenewerOptions {
  readonly openLease: (
    process: string,
  ) => Pick<WorkerLease, "renew" | "look" | "cancels" | "durationMs">;
  /** Hides a message; false when the role may not. */
  readonly extend: (receipt: string, seconds: number) => Promise<boolean>;
  readonly guard: GuardFile;
  /** Milliseconds, see `Clock.monotonic`. */
  readonly monotonic: () => number;
  /** Milliseconds between two looks for cancels. */
  readonly lookMs: number;
  readonly tell: (news: RenewalNews) => void;
}

/** Renews one lease and the visibility of messages, by timers of the thread that it runs in. */
export interface Renewer {
  obey(order: RenewalOrder): void;
  close(): void;
}

/** Part of a lease that is kept in reserve: payloads are dead before others may take their runs. */
const RESERVE = 0.1;

/** Until when payloads may live under a lease that was written at the monotonic time `written`. */
export function guardedUntil(written: number, durationMs: number): number {
  return written + durationMs * (1 - RESERVE);
}

/** A renewer at rest. */
export function createRenewer(options: RenewerOptions): Renewer {
  const { guard, monotonic, tell } = options;
  const holds = new Map<string, NodeJS.Timeout>();
  let current: { process: string; since: number } | undefined;
  let lease: ReturnType<RenewerOptions["openLease"]> | undefined;
  let known = "";
  let seen = 0;
  let renewing: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;

  const rest = (): void => {
    current = undefined;
    clearTimeout(renewing);
    clearInterval(looking);
  };
  const noteCancels = (): void => {
    if (lease === undefined || current === undefined || lease.cancels === seen) return;
    seen = lease.cancels;
    tell({ news: "cancels", process: current.process });
  };
  const schedule = (ms: number): void => {
    clearTimeout(renewing);
    renewing = setTimeout(() => void renew(), Math.max(0, ms));
  };
  const isLate = (since: number): boolean => monotonic() >= guard.until || guard.killed >= since;

  async function renew(): Promise<void> {
    const [mine, of] = [lease, current];
    if (mine === undefined || of === undefined) return;
    const written = monotonic();
    try {
      if (isLate(of.since)) throw new LavaError("LEASE_LOST", "it was not renewed in time");
      await within(mine.durationMs / 4, mine.renew());
      if (of !== current) return;
      // The watchdog has killed the payloads by now, or does so in this moment.
      if (isLate(of.since)) throw new LavaError("LEASE_LOST", "it was not renewed in time");
      guard.allow(guardedUntil(written, mine.durationMs));
      schedule(mine.durationMs / 3);
      noteCancels();
    } catch (error) {
      if (of !== current) return;
      const text = errorText(error);
      if ((error instanceof LavaError && error.code === "LEASE_LOST") || isLate(of.since)) {
        rest();
        tell({ news: "lost", process: of.process, text });
        return;
      }
      tell({ news: "not_renewed", text });
      schedule(Math.min(1000, Math.max(20, (guard.until - monotonic()) / 4)));
    }
  }

  async function extend(receipt: string, seconds: number): Promise<void> {
    try {
      await options.extend(receipt, seconds);
    } catch (error) {
      if (holds.has(receipt)) tell({ news: "not_extended", text: errorText(error) });
    }
  }

  return {
    obey(order) {
      switch (order.order) {
        case "renew": {
          const { process, since } = order;
          current = { process, since };
          if (known !== process || lease === undefined) {
            lease = options.openLease(process);
            known = process;
            seen = 0;
          }
          const { durationMs } = lease;
          const written = guard.until - guardedUntil(0, durationMs);
          schedule(written + durationMs / 3 - monotonic());
          clearInterval(looking);
          looking = setInterval(() => {
            void lease?.look().then(noteCancels, () => undefined);
          }, options.lookMs);
          break;
        }
        case "rest":
          rest();
          break;
        case "hold": {
          const { receipt, seconds, atOnce } = order;
          clearInterval(holds.get(receipt));
          holds.set(
            receipt,
            setInterval(() => void extend(receipt, seconds), (seconds * 1000) / 3),
          );
          if (atOnce) void extend(receipt, seconds);
          break;
        }
        case "release":
          clearInterval(holds.get(order.receipt));
          holds.delete(order.receipt);
          break;
      }
    },
    close() {
      rest();
      for (const hold of holds.values()) clearInterval(hold);
      holds.clear();
    },
  };
}

/** A service that does not answer at all must not use up the lease: another try is better. */
async function within(ms: number, call: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`no answer within ${Math.round(ms)} ms`));
  }, ms);
  try {
    await Promise.race([call, promise]);
  } finally {
    clearTimeout(timer);
  }
}
