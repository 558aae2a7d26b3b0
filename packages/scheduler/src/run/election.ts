import { type Clock, errorText, LavaError, type Logger } from "@lava/core";
import type { LeaderLease, LeaderRecord } from "@lava/realm";

/** A term of the leader of this process. */
export interface Office {
  readonly epoch: number;
  /** Where the leader before had come to; undefined for the first one ever. */
  readonly cursor: number | undefined;
  /** Whether the lease is still ours by our own clock: to be asked before each write. */
  isHeld(): boolean;
  /** What is written with the next renewal: all slots up to here are settled. */
  settle(cursor: number): void;
  /** Aborts when the lease ends, or is lost. */
  readonly signal: AbortSignal;
}

/** Options of {@link runElection}. */
export interface ElectionOptions {
  readonly lease: LeaderLease;
  /** LEADER_TTL. */
  readonly ttlMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends it; a lease that is held is given up. */
  readonly signal: AbortSignal;
  /** Whether this node is not to dispatch (NO_DISPATCH): it does not lead then, and gives up its lease. */
  readonly isSuppressed?: (() => boolean) | undefined;
  /** Does the leader's work until the office's signal aborts. */
  serve(office: Office): Promise<void>;
}

/**
 * Stands by until the leader shows no sign of life for the length of its lease, leads, and stands by again when the
 * lease was lost. Only the pace of the clocks counts, never the time of day: a leader holds its lease for a bit less
 * than LEADER_TTL from before its last renewal, and others wait for a bit more from when they saw it.
 */
export async function runElection(options: ElectionOptions): Promise<void> {
  const { lease, ttlMs, clock, logger, signal } = options;
  const time = (): number => clock.monotonic?.() ?? clock.now();
  const poll = Math.max(20, ttlMs / 20);
  let seen: LeaderRecord | undefined;
  let since = 0;

  async function stand(): Promise<void> {
    if (options.isSuppressed?.() === true) return;
    const before = time();
    const record = await lease.look();
    if (seen?.epoch !== record.epoch || seen.beat !== record.beat || seen.state !== record.state) {
      seen = record;
      since = time();
    }
    if (record.state === "live" && before - since < ttlMs) return;
    const start = time();
    const term = await lease.take(record);
    seen = undefined;
    if (term === undefined) return;
    logger.info(
      { event_type: "scheduler", epoch: term.epoch },
      `This scheduler leads (epoch ${term.epoch}${record.state === "live" ? `, after ${record.holder} was lost` : ""})`,
    );
    await lead(term, start, options, time);
  }

  while (!signal.aborted) {
    try {
      await stand();
    } catch (error) {
      if (signal.aborted) break;
      logger.warn(
        { event_type: "scheduler", error: errorText(error) },
        `The leader's lease cannot be read: ${errorText(error)}`,
      );
    }
    await clock.sleep(poll, signal).catch(() => undefined);
  }
}

/** One term, until it ends. */
async function lead(
  term: { readonly epoch: number; readonly cursor: number | undefined },
  start: number,
  { lease, ttlMs, clock, logger, signal, isSuppressed, serve }: ElectionOptions,
  time: () => number,
): Promise<void> {
  const margin = ttlMs / 8;
  let until = start + ttlMs - margin;
  let cursor = term.cursor;
  const ended = new AbortController();
  const office: Office = {
    ...term,
    isHeld: () => !ended.signal.aborted && time() < until,
    settle: (to) => {
      cursor = to;
    },
    signal: ended.signal,
  };
  const stop = (): void => {
    ended.abort(signal.reason);
  };
  signal.addEventListener("abort", stop, { once: true });

  async function renew(): Promise<void> {
    const at = time();
    try {
      await lease.renew({ epoch: term.epoch, cursor });
      until = at + ttlMs - margin;
    } catch (error) {
      const isLost = error instanceof LavaError && error.code === "LEADER_LOST";
      logger.warn(
        { event_type: "scheduler", epoch: term.epoch, error: errorText(error) },
        isLost ? errorText(error) : `The leader's lease cannot be renewed: ${errorText(error)}`,
      );
      if (isLost) ended.abort(error);
    }
  }

  /** A renewal that does not come back must not keep an ended lease alive. */
  async function watch(): Promise<void> {
    let renewal: Promise<void> | undefined;
    let next = time() + ttlMs / 4;
    while (!ended.signal.aborted) {
      const now = time();
      if (now >= until) {
        logger.warn(
          { event_type: "scheduler", epoch: term.epoch },
          "The leader's lease was not renewed in time: this scheduler stands by",
        );
        ended.abort();
        break;
      }
      if (isSuppressed?.() === true) {
        logger.warn(
          { event_type: "scheduler", epoch: term.epoch },
          "Dispatching is suppressed on this node: another scheduler may lead",
        );
        ended.abort();
        break;
      }
      if (now >= next && renewal === undefined) {
        next = now + ttlMs / 4;
        renewal = renew().finally(() => {
          renewal = undefined;
        });
      }
      const ms = Math.max(5, Math.min(until, renewal === undefined ? next : until) - now);
      await clock.sleep(Math.min(ms, ttlMs / 8), ended.signal).catch(() => undefined);
    }
    await renewal;
  }

  try {
    await Promise.all([
      watch(),
      serve(office).catch((error: unknown) => {
        logger.error(
          { event_type: "scheduler", error: errorText(error) },
          `The leader has failed and stands by: ${errorText(error)}`,
        );
        ended.abort(error);
      }),
    ]);
    if (time() < until) await lease.release({ epoch: term.epoch, cursor }).catch(() => undefined);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
