import { LavaError } from "@lava/core";

/** The right to use a connection. */
export interface Turn {
  /** From now on nobody waits for its end, which is in the hands of whoever reads a result. */
  hold(): void;
  release(): void;
}

/** Gives a connection to one statement at a time, in the order in which they were asked for. */
export interface Turns {
  /** @throws {LavaError} SQL_BUSY while a result is being read: waiting for it could be for ever */
  take(): Promise<Turn>;
}

/** Turns of one connection. */
export function createTurns(): Turns {
  let last = Promise.resolve();
  let held = false;
  return {
    async take() {
      if (held) {
        throw new LavaError("SQL_BUSY", "A result of this connection is still open", {
          retry: "never",
          hint: "Read it to its end or dispose of it (`await using`), or open another connection.",
        });
      }
      const before = last;
      const { promise, resolve } = Promise.withResolvers<void>();
      last = promise;
      await before;
      return {
        hold() {
          held = true;
        },
        release() {
          held = false;
          resolve();
        },
      };
    },
  };
}
