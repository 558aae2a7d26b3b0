import { closeSync, fdatasync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { errorText, LavaError } from "@lava/core";

/** One row of a result. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/**
 * The database of all engines. Everything is synchronous but the disk: durability is waited for by the front, while
 * other requests go on.
 */
export interface Store {
  /** Runs statements outside the group transaction: for `CREATE TABLE IF NOT EXISTS` at start. */
  exec(sql: string): void;
  /** A prepared statement, kept by its text: use parameters, never text of users. */
  prepare(sql: string): StatementSync;
  /**
   * Runs `work` (synchronous, any number of statements) as one unit: all of it or, when it throws,
   * nothing. Units of one turn of the event loop share one transaction, and all that were committed
   * while the disk was busy share one fsync (group commit). May be nested.
   */
  write<T>(work: () => T): T;
  /**
   * Resolves when all that was written before the call is on disk; rejects when it could not be.
   * The front waits for it before each response; engines need it only before an effect outside
   * the database, such as removing a file.
   */
  committed(): Promise<void>;
  /** The same, but it is enough that it survives this process: the machine's disk is not waited for. */
  written(): Promise<void>;
  close(): void;
}

/** Opens (or makes) the database `file`; `:memory:` for one that ends with the process. */
export function openStore(file: string): Store {
  const db = openDatabase(file);
  const disk = file === ":memory:" ? undefined : openLog(file);
  const statements = new Map<string, StatementSync>();
  /** What is written in this turn of the event loop: when it is committed, and when it is on disk. */
  let group: Record<"commit" | "disk", PromiseWithResolvers<void>> | undefined;
  let depth = 0;

  function commit(): void {
    const current = group;
    if (current === undefined) return;
    group = undefined;
    try {
      prepare("COMMIT").run();
      current.commit.resolve();
      if (disk === undefined) current.disk.resolve();
      else disk.flush().then(current.disk.resolve, current.disk.reject);
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      current.commit.reject(error);
      current.disk.reject(error);
    }
  }

  function prepare(sql: string): StatementSync {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = db.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  }

  return {
    exec(sql) {
      commit();
      db.exec(sql);
    },
    prepare,
    write(work) {
      if (group === undefined) {
        prepare("BEGIN IMMEDIATE").run();
        group = { commit: Promise.withResolvers(), disk: Promise.withResolvers() };
        // Nobody may be waiting; whoever does gets the rejection from `written` or `committed`.
        group.commit.promise.catch(() => undefined);
        group.disk.promise.catch(() => undefined);
        setImmediate(commit);
      }
      const name = `unit${depth}`;
      prepare(`SAVEPOINT ${name}`).run();
      depth += 1;
      try {
        const result = work();
        prepare(`RELEASE ${name}`).run();
        return result;
      } catch (error) {
        if (db.isTransaction) {
          prepare(`ROLLBACK TO ${name}`).run();
          prepare(`RELEASE ${name}`).run();
        }
        throw error;
      } finally {
        depth -= 1;
      }
    },
    committed: () => group?.disk.promise ?? disk?.flushed() ?? Promise.resolve(),
    written: () => group?.commit.promise ?? Promise.resolve(),
    close() {
      commit();
      // The last connection to leave writes the log into the database, with the fsyncs that this needs.
      db.close();
      disk?.close();
    },
  };
}

/** The write-ahead log of a database, whose fsyncs are done here, off the event loop. */
interface Log {
  /** Resolves when what was committed before the call is on disk. */
  flush(): Promise<void>;
  /** The same for the flushes that were asked for. */
  flushed(): Promise<void>;
  close(): void;
}

/**
 * SQLite syncs its log before it moves pages from there to the database, and the database after it (`synchronous =
 * NORMAL`): the log is all that is left to sync here.
 */
function openLog(file: string): Log {
  const fd = openSync(`${file}-wal`, "r");
  const folder = openSync(dirname(file), "r");
  fsyncSync(folder);
  closeSync(folder);
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let isClosed = false;

  /** One sync is under way at most: those who come meanwhile share the next one. */
  const begin = (): Promise<void> => {
    next = undefined;
    // A database that was closed is on disk as a whole.
    if (isClosed) return Promise.resolve();
    const sync = new Promise<void>((resolve, reject) => {
      fdatasync(fd, (error) => {
        running = next;
        if (isClosed) closeSync(fd);
        if (error === null) resolve();
        else reject(error);
      });
    });
    running = sync;
    return sync;
  };
  return {
    flush() {
      if (running === undefined) return begin();
      next ??= running.then(begin, begin);
      return next;
    },
    flushed: () => next ?? running ?? Promise.resolve(),
    close() {
      isClosed = true;
      if (running === undefined) closeSync(fd);
    },
  };
}

/** The exclusive lock, which ends with the process, keeps a second server out of the folder. */
function openDatabase(file: string): DatabaseSync {
  // SQLite gives its other files the mode of this one.
  if (file !== ":memory:") closeSync(openSync(file, "a", 0o600));
  const db = new DatabaseSync(file);
  try {
    db.exec(
      `PRAGMA locking_mode = EXCLUSIVE;
       PRAGMA journal_mode = WAL;
       PRAGMA synchronous = NORMAL;
       PRAGMA foreign_keys = ON;
       PRAGMA cache_size = -32768;
       PRAGMA temp_store = MEMORY;
       BEGIN EXCLUSIVE;
       COMMIT`,
    );
  } catch (error) {
    db.close();
    if (/locked/.test(errorText(error))) {
      throw new LavaError("DATA_DIR_IN_USE", `${file} is in use by another process`, {
        hint: "Stop the other endpoint, or choose another data folder.",
        cause: error,
      });
    }
    throw new LavaError("BAD_DATA_DIR", `${file} cannot be opened: ${errorText(error)}`, {
      hint: "Choose another data folder, or remove this one to start afresh.",
      cause: error,
    });
  }
  return db;
}

/** A column that holds text. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new TypeError(`column ${column} is not text`);
  return value;
}

/** A column that holds text or NULL. */
export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

/** A column that holds a number. */
export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new TypeError(`column ${column} is not a number`);
  return value;
}

/** A column that holds bytes. */
export function bytes(row: Row, column: string): Buffer {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} is not a blob`);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
