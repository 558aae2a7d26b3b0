import type { SqlDriver } from "./sql-driver.ts";
import { statementCancelled } from "./sql-errors.ts";
import { createTurns, type Turn } from "./turns.ts";

/** What a statement is run with. */
export interface StatementTurn {
  /** Runs a part of the statement; an abort while it does stops what the server does. */
  guard<T>(work: () => Promise<T>): Promise<T>;
  /** Aborted when the statement is to stop. */
  readonly signal: AbortSignal;
  /** From now on others fail instead of waiting, see {@link Turn}. */
  hold: Turn["hold"];
  /** Lets the next statement run. */
  release(): void;
}

/** Gives statements their turns on one driver. */
export interface StatementGuard {
  /**
   * Runs `work` when its turn comes. It releases the turn by itself when it succeeds.
   *
   * @throws {LavaError} SQL_BUSY, what the driver makes of its faults, or the reason of the abort
   */
  take<T>(
    sql: string,
    signal: AbortSignal | undefined,
    work: (turn: StatementTurn) => Promise<T>,
  ): Promise<T>;
  /** As `take`, for what is over when `work` returns. */
  run<T>(
    sql: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** Stops what runs, if anything does. */
  cancel(): void;
}

/** The turns and the stopping of the statements of one driver. */
export function createStatementGuard(driver: Pick<SqlDriver, "stop" | "toError">): StatementGuard {
  const turns = createTurns();
  let running: AbortController | undefined;

  async function guarded<T>(sql: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    let request: Promise<void> | undefined;
    const stop = (): void => {
      request = driver.stop().catch(() => undefined);
    };
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw driver.toError(error, sql);
    } finally {
      signal.removeEventListener("abort", stop);
      // One that comes late must not hit the next statement.
      await request;
    }
  }

  const guard: StatementGuard = {
    async take(sql, given, work) {
      given?.throwIfAborted();
      const turn = await turns.take();
      const controller = new AbortController();
      running = controller;
      const signal =
        given === undefined ? controller.signal : AbortSignal.any([controller.signal, given]);
      const release = (): void => {
        if (running === controller) running = undefined;
        turn.release();
      };
      try {
        return await work({
          guard: (part) => guarded(sql, signal, part),
          signal,
          hold: () => turn.hold(),
          release,
        });
      } catch (error) {
        release();
        throw error;
      }
    },
    run: (sql, given, work) =>
      guard.take(sql, given, async (turn) => {
        const value = await turn.guard(() => work(turn.signal));
        turn.release();
        return value;
      }),
    cancel() {
      running?.abort(statementCancelled());
    },
  };
  return guard;
}
