import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { type DoubleDatabase, MssqlFault, openDoubleDatabase } from "./double-database.ts";
import { toPackets, writeOut } from "./tds-packets.ts";
import type { TdsStatement } from "./tds-requests.ts";
import {
  columnMetadata,
  DONE,
  done,
  errorToken,
  returnStatus,
  row,
  transactionChange,
} from "./tds-tokens.ts";

/** What one client does after its login. */
export interface DoubleSession extends Disposable {
  /** Runs a statement and answers. */
  run(statement: TdsStatement, isProcedure: boolean): Promise<void>;
  /** Stops what runs, and says so. */
  attention(): Promise<void>;
}

/** What a session needs. */
export interface SessionOptions {
  readonly stream: Duplex;
  /** Of the files of databases. */
  readonly folder: string;
  readonly database: string;
  /** Databases by name. */
  readonly databases: Set<string>;
  /** Ends the connection. */
  drop(): void;
}

const OUTSIDE = Buffer.alloc(8);
const CHUNK = 16_000;

/** A session of the double. */
export function createDoubleSession(options: SessionOptions): DoubleSession {
  const { stream, folder, databases } = options;
  const database: DoubleDatabase = openDoubleDatabase(folder, options.database);
  let transaction = OUTSIDE;
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();
  let wake: (() => void) | undefined;

  const answer = (...tokens: readonly Buffer[]): Promise<void> =>
    writeOut(stream, toPackets(Buffer.concat(tokens)));
  const tell = (fault: MssqlFault, kind: 0xfd | 0xfe): Promise<void> =>
    answer(errorToken(fault), done(DONE.error | status(), 0, kind));
  const status = (): number => (transaction.equals(OUTSIDE) ? 0 : DONE.inTransaction);

  /** Transactions, and what else is none of SQLite's business; undefined for all others. */
  async function own(sql: string): Promise<Buffer | undefined> {
    if (/^begin transaction$/i.test(sql)) {
      database.run("BEGIN", {});
      transaction = randomBytes(8);
      return transactionChange(8, transaction);
    }
    const ending = /^(if @@trancount > 0 )?(commit|rollback) transaction$/i.exec(sql)?.[2];
    if (ending !== undefined) {
      if (transaction.equals(OUTSIDE)) return Buffer.alloc(0);
      const old = transaction;
      database.run(ending, {});
      transaction = OUTSIDE;
      return transactionChange(ending.toLowerCase() === "commit" ? 9 : 10, old);
    }
    const made = /^create database \[?(\w+)\]?$/i.exec(sql)?.[1];
    if (made !== undefined) databases.add(made);
    if (/^waitfor delay/i.test(sql)) await new Promise<void>((resolve) => (wake = resolve));
    if (/^drop connection$/i.test(sql)) options.drop();
    return made !== undefined || /^(?:waitfor|drop (?:database|connection)) ?/i.test(sql)
      ? Buffer.alloc(0)
      : undefined;
  }

  async function execute(statement: TdsStatement, isProcedure: boolean): Promise<void> {
    const sql = statement.sql.trim().replace(/;$/, "");
    const end = (count?: number): Buffer => {
      const bits = status() | (count === undefined ? 0 : DONE.count);
      return isProcedure
        ? Buffer.concat([done(bits, count, 0xff), returnStatus, done(status(), 0, 0xfe)])
        : done(bits, count);
    };
    if (!statement.transaction.equals(transaction)) {
      throw new MssqlFault(
        3989,
        "New request is not allowed to start: wrong transaction descriptor.",
      );
    }
    const handled = await own(sql);
    // What was stopped has an answer of its own, before that to the word that stopped it.
    if (isStopped) return await answer(end());
    if (handled !== undefined) return await answer(handled, end());
    const { columns, rows, changes } = database.run(
      sql.includes("serverproperty('ProductVersion')") ? "select '16.0.4135.4'" : sql,
      statement.parameters,
    );
    if (columns.length === 0) return await answer(end(changes));
    const types = columns.map(({ type }) => type);
    let waiting = [columnMetadata(columns)];
    let size = 0;
    let count = 0;
    for (const values of rows) {
      const cells = row(types, values);
      waiting.push(cells);
      size += cells.length;
      count += 1;
      if (size < CHUNK) continue;
      await writeOut(stream, toPackets(Buffer.concat(waiting), undefined, false));
      // A word of the client's may have come meanwhile.
      await new Promise((resolve) => setImmediate(resolve));
      [waiting, size] = [[], 0];
      if (isStopped) return await answer(end());
    }
    await answer(...waiting, end(count));
  }

  return {
    run(statement, isProcedure) {
      isStopped = false;
      running = execute(statement, isProcedure).catch((error: unknown) => {
        const kind = isProcedure ? 0xfe : 0xfd;
        const fault = error instanceof MssqlFault ? error : new MssqlFault(50_000, String(error));
        return tell(fault, kind);
      });
      return running;
    },
    async attention() {
      isStopped = true;
      wake?.();
      await running;
      await answer(done(DONE.attention | status()));
    },
    [Symbol.dispose]() {
      isStopped = true;
      wake?.();
      database[Symbol.dispose]();
    },
  };
}
