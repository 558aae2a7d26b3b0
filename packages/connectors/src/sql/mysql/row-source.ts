import type { Connection, FieldPacket, Query } from "mysql2";

/** What a query gives: rows as lists of bytes, or what the statement did. */
export interface RowSource {
  /** Resolves when the columns are known, or the statement is over. */
  readonly started: Promise<void>;
  readonly fields: readonly FieldPacket[] | undefined;
  readonly rowsAffected: number;
  /** At most `size` rows; undefined after the last. */
  next(size: number): Promise<readonly unknown[] | undefined>;
  /** Whether the last row has come. */
  readonly over: boolean;
  /** Throws the rest away; resolves, never throws, when the server has ended. */
  drain(): Promise<void>;
}

/** Reads a query; while nobody asks for rows, the connection is not read beyond `ahead` of them. */
export function createRowSource(connection: Connection, query: Query, ahead: number): RowSource {
  let rows: unknown[] = [];
  let fields: readonly FieldPacket[] | undefined;
  let rowsAffected = 0;
  let failure: { readonly error: unknown } | undefined;
  let over = false;
  let draining = false;
  let paused = false;
  let wake: (() => void) | undefined;
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  started.promise.catch(() => undefined);

  const rouse = (): void => {
    wake?.();
    wake = undefined;
  };
  const end = (): void => {
    over = true;
    connection.off("error", fail);
    started.resolve();
    ended.resolve();
    rouse();
  };
  const resume = (): void => {
    if (!paused) return;
    paused = false;
    connection.resume();
  };
  query.on("fields", (given: unknown) => {
    if (Array.isArray(given)) fields ??= given;
    started.resolve();
  });
  query.on("result", (row: unknown) => {
    if (fields === undefined) {
      const changed: unknown = Reflect.get(Object(row), "affectedRows");
      if (typeof changed === "number") rowsAffected = changed;
      return;
    }
    if (draining) return;
    rows.push(row);
    if (rows.length < ahead) return;
    if (!paused) {
      paused = true;
      connection.pause();
    }
    rouse();
  });
  function fail(error: unknown): void {
    failure ??= { error };
    started.reject(error);
    end();
  }
  query.on("error", fail);
  // A connection that is gone is told to the connection alone.
  connection.on("error", fail);
  query.on("end", end);

  return {
    started: started.promise,
    get fields() {
      return fields;
    },
    get rowsAffected() {
      return rowsAffected;
    },
    get over() {
      return over;
    },
    async next(size) {
      for (;;) {
        if (rows.length >= size || over) break;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        resume();
        await promise;
      }
      if (rows.length > 0 && failure === undefined) {
        const batch = rows.slice(0, size);
        rows = rows.slice(size);
        return batch;
      }
      if (failure !== undefined) throw failure.error;
      return undefined;
    },
    async drain() {
      draining = true;
      rows = [];
      resume();
      await ended.promise;
    },
  };
}
