import type { SqlValue } from "./client.ts";

type Row = readonly SqlValue[];

/** Rows that a driver pushes, for somebody who asks for them. */
export interface RowQueue {
  /** Resolves at `begin`, or at the end. */
  readonly begun: Promise<void>;
  readonly over: boolean;
  begin(): void;
  push(row: Row): void;
  end(): void;
  fail(error: unknown): void;
  /** At most `size` rows; undefined after the last. */
  next(size: number): Promise<readonly Row[] | undefined>;
  /** Throws the rest away; resolves, never throws, at the end. */
  drain(): Promise<void>;
}

/** What holds the driver back. */
export interface RowQueueOptions {
  /** Rows after which the driver pauses. */
  readonly ahead: number;
  readonly pause: () => void;
  readonly resume: () => void;
}

/** A queue with back-pressure between a driver that pushes and a reader that pulls. */
export function createRowQueue({ ahead, pause, resume }: RowQueueOptions): RowQueue {
  let rows: Row[] = [];
  let failure: { readonly error: unknown } | undefined;
  let over = false;
  let draining = false;
  let paused = false;
  let wake: (() => void) | undefined;
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  begun.promise.catch(() => undefined);
  const go = (): void => {
    if (!paused) return;
    paused = false;
    resume();
  };
  const end = (): void => {
    over = true;
    begun.resolve();
    ended.resolve();
    wake?.();
  };
  return {
    begun: begun.promise,
    get over() {
      return over;
    },
    begin: () => begun.resolve(),
    push(row) {
      if (draining) return;
      rows.push(row);
      if (rows.length < ahead) return;
      if (!paused) {
        paused = true;
        pause();
      }
      wake?.();
    },
    end,
    fail(error) {
      failure ??= { error };
      begun.reject(error);
      end();
    },
    async next(size) {
      for (;;) {
        if (rows.length >= size || over) break;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        go();
        await promise;
      }
      if (failure !== undefined) throw failure.error;
      if (rows.length === 0) return undefined;
      const batch = rows.slice(0, size);
      rows = rows.slice(size);
      return batch;
    },
    async drain() {
      draining = true;
      rows = [];
      go();
      await ended.promise;
    },
  };
}
