import type { Connection, FieldDef, Submittable } from "pg";

/** What a portal is opened for. */
export interface PortalOptions {
  readonly sql: string;
  readonly values: readonly (string | Buffer | null)[];
  /** Rows of the first fetch; 0 for all. */
  readonly rows: number;
}

/** Rows of one fetch, each value as the server's text. */
export interface PortalRows {
  /** Undefined while the statement has described no result. */
  readonly fields: readonly FieldDef[] | undefined;
  readonly rows: readonly (readonly (string | null)[])[];
  /** What the statement did (`INSERT 0 5`); undefined while there may be more rows. */
  readonly tag: string | undefined;
}

/** A statement that runs, whose rows are fetched a few at a time; the driver's queue runs it. */
export interface Portal extends Submittable {
  /** The first rows; asked for with the statement itself. */
  first(): Promise<PortalRows>;
  next(rows: number): Promise<PortalRows>;
  /** Lets go of what was not fetched. */
  close(): Promise<void>;
}

let count = 0;

/**
 * Runs one statement through a named portal, in the extended protocol: the server sends no more rows than were
 * asked for. An error that comes with the commit at the end (a deferred constraint) is an error of the statement.
 */
export function createPortal({ sql, values, rows: firstRows }: PortalOptions): Portal {
  count += 1;
  const name = `lava_${count}`;
  let connection: Connection | undefined;
  let fields: FieldDef[] | undefined;
  let rows: (readonly (string | null)[])[] = [];
  let tag: string | undefined;
  let synced = false;
  let failure: { readonly error: unknown } | undefined;
  let ended = false;
  let waiting = Promise.withResolvers<PortalRows>();
  // Whoever does not wait for it any more must not make it an unhandled one.
  waiting.promise.catch(() => undefined);
  const ready = Promise.withResolvers<void>();

  function deliver(): void {
    waiting.resolve({ fields, rows, tag });
    rows = [];
  }

  function sync(): void {
    if (synced) return;
    synced = true;
    connection?.sync();
  }

  /** Everything the driver calls; not all of it is in its declarations. */
  const portal = {
    submit(given: Connection) {
      connection = given;
      given.parse({ name: "", text: sql, types: [] }, true);
      given.bind({ portal: name, values: [...values] }, true);
      given.describe({ type: "P", name }, true);
      given.execute({ portal: name, rows: String(firstRows) }, true);
      given.flush();
    },
    handleRowDescription(message: { fields: FieldDef[] }) {
      ({ fields } = message);
    },
    handleDataRow(message: { fields: (string | null)[] }) {
      rows.push(message.fields);
    },
    handlePortalSuspended: deliver,
    handleCommandComplete(message: { text: string }) {
      tag = message.text;
      connection?.close({ type: "P", name }, true);
      sync();
    },
    handleEmptyQuery() {
      tag = "";
      sync();
    },
    handleCopyInResponse(given: Connection) {
      // Nothing is there to be sent; without an answer both sides would wait for ever.
      const reason = Buffer.from("COPY FROM STDIN needs copyIn\0");
      const message = Buffer.alloc(5);
      message.write("f");
      message.writeInt32BE(reason.length + 4, 1);
      given.stream.write(Buffer.concat([message, reason]));
    },
    handleCopyData() {},
    handleReadyForQuery() {
      ended = true;
      deliver();
      ready.resolve();
    },
    handleError(error: unknown) {
      failure = { error };
      ended = true;
      waiting.reject(error);
      ready.resolve();
      sync();
    },
    first: () => waiting.promise,
    async next(wanted: number): Promise<PortalRows> {
      if (failure !== undefined) throw failure.error;
      if (tag !== undefined || ended || connection === undefined) {
        return { fields, rows: [], tag: tag ?? "" };
      }
      waiting = Promise.withResolvers();
      waiting.promise.catch(() => undefined);
      connection.execute({ portal: name, rows: String(wanted) }, true);
      connection.flush();
      return await waiting.promise;
    },
    async close() {
      if (ended || connection === undefined) return;
      if (!synced) connection.close({ type: "P", name }, true);
      sync();
      await ready.promise;
    },
  };
  return portal;
}
