import type {
  CopyOptions,
  SqlClient,
  SqlCopyClient,
  SqlCopyInClient,
  SqlOptions,
  SqlResult,
  SqlValue,
} from "./client.ts";
import { createStatementGuard, type StatementTurn } from "./guard.ts";
import { createQuery, inTransaction } from "./rows.ts";
import type { DriverResult, SqlDriver } from "./sql-driver.ts";

const BATCH_SIZE = 1024;

type Copying<K extends "copyIn" | "copyOut"> = SqlDriver & Required<Pick<SqlDriver, K>>;

/** A statement that has started. */
interface Running {
  readonly result: DriverResult;
  readonly turn: StatementTurn;
  /** Ends it and its turn; the first call does. */
  end(): Promise<void>;
}

/**
 * A client of the contract on a driver: statements take turns, signals and `cancel` stop the one that runs on the
 * server as well, and faults are LavaErrors.
 */
export function createSqlClient(driver: Copying<"copyIn" | "copyOut">): SqlCopyClient;
export function createSqlClient(driver: Copying<"copyIn">): SqlCopyInClient;
export function createSqlClient(driver: SqlDriver): SqlClient;
export function createSqlClient(driver: SqlDriver): SqlClient {
  const guard = createStatementGuard(driver);
  /** Ends the result that somebody reads. */
  let endResult: (() => Promise<void>) | undefined;
  let closed: Promise<void> | undefined;

  function start(sql: string, batchSize: number, options: SqlOptions = {}): Promise<Running> {
    const { parameters, values, signal } = options;
    const statement = { sql, parameters, exact: values === "exact", batchSize };
    return guard.take(sql, signal, async (turn) => {
      const result = await turn.guard(() => driver.start(statement));
      let ended: Promise<void> | undefined;
      const end = (): Promise<void> => (ended ??= result.close().then(() => turn.release()));
      return { result, turn, end };
    });
  }

  async function* batchesOf({
    result,
    turn,
    end,
  }: Running): AsyncGenerator<readonly (readonly SqlValue[])[]> {
    try {
      for (;;) {
        const rows = await turn.guard(() => result.next());
        if (rows === undefined) return;
        if (rows.length > 0) yield rows;
      }
    } finally {
      await end();
    }
  }

  function toResult(started: Running): SqlResult {
    const batches = batchesOf(started);
    return {
      columns: started.result.columns,
      batches,
      async [Symbol.asyncDispose]() {
        await batches.return(undefined);
        await started.end();
      },
    };
  }

  const client: SqlClient = {
    dialect: driver.dialect,
    async stream(sql, options = {}) {
      const started = await start(sql, options.batchSize ?? BATCH_SIZE, options);
      if (started.result.columns === undefined) await started.end();
      else {
        started.turn.hold();
        endResult = started.end;
      }
      return toResult(started);
    },
    query: createQuery(async (sql, options) => toResult(await start(sql, BATCH_SIZE, options))),
    async execute(sql, options) {
      const { result, turn, end } = await start(sql, 0, options);
      try {
        while ((await turn.guard(() => result.next())) !== undefined);
        return { rowsAffected: result.rowsAffected };
      } finally {
        await end();
      }
    },
    transaction: (work) => inTransaction(client, work),
    begin: () => guard.run("BEGIN", undefined, () => driver.begin()),
    commit: () => guard.run("COMMIT", undefined, () => driver.commit()),
    async rollback() {
      // What is left of a result is of no use any more, and must not be in the way.
      await endResult?.();
      await guard.run("ROLLBACK", undefined, () => driver.rollback());
    },
    async cancel() {
      guard.cancel();
    },
    server: () => guard.run("", undefined, () => driver.server()),
    ...copies(driver, guard),
    [Symbol.asyncDispose]() {
      closed ??= driver.close();
      return closed;
    },
  };
  return client;
}

/** The copies that the driver has. */
function copies(
  driver: SqlDriver,
  guard: ReturnType<typeof createStatementGuard>,
): Pick<SqlClient, "copyIn" | "copyOut"> {
  const { copyIn, copyOut } = driver;
  return {
    ...(copyIn && {
      async copyIn(sql: string, source: AsyncIterable<Uint8Array>, options: CopyOptions = {}) {
        const rowsAffected = await guard.run(sql, options.signal, (signal) =>
          copyIn(sql, source, signal),
        );
        return { rowsAffected };
      },
    }),
    ...(copyOut && {
      async *copyOut(sql: string, options: CopyOptions = {}) {
        const turn = await guard.take(sql, options.signal, async (given) => given);
        turn.hold();
        const chunks = copyOut(sql)[Symbol.asyncIterator]();
        let done = false;
        try {
          for (;;) {
            const next = await turn.guard(() => chunks.next());
            done = next.done === true;
            if (next.done === true) return;
            yield next.value;
          }
        } finally {
          if (!done) {
            await driver.stop().catch(() => undefined);
            // What is on its way has to be taken before the connection can be used again.
            await drain(chunks).catch(() => undefined);
          }
          turn.release();
        }
      },
    }),
  };
}

async function drain(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  while ((await chunks.next()).done !== true);
}
