import { bytes, number, type Row, type Store, text } from "../store.ts";
import { type Key, keyOfIndex } from "./keys.ts";
import type { Index, Table } from "./table.ts";
import type { Item } from "./values.ts";
import { invalid, itemSize } from "./values.ts";

/** An item as it is stored. */
export interface StoredItem {
  readonly item: Item;
  readonly size: number;
}

/** One row of a query or scan. */
export interface ScannedItem extends StoredItem {
  readonly pk: Buffer;
}

/** Where a query or scan begins and ends. All bounds are stored keys. */
export interface Range {
  /** undefined: a scan. */
  readonly pk?: Buffer | undefined;
  readonly from?: { readonly sk: Buffer; readonly inclusive: boolean } | undefined;
  readonly to?: { readonly sk: Buffer; readonly inclusive: boolean } | undefined;
  readonly descending: boolean;
  /** The entry after which to begin; `base` is the table's key when an index is read. */
  readonly after?: { readonly key: Key; readonly base: Key } | undefined;
}

/** The items of all tables. */
export interface Items {
  get(table: Table, key: Key): StoredItem | undefined;
  /** `old` is what `get` gave. */
  put(table: Table, key: Key, item: Item, old: Item | undefined): void;
  remove(table: Table, key: Key, old: Item): void;
  removeAll(table: Table): void;
  iterate(table: Table, index: Index | undefined, range: Range): Iterable<ScannedItem>;
  totals(table: Table): { readonly count: number; readonly size: number };
  /** Notes anew when each item of the table expires. */
  setExpiries(table: Table): void;
  /** Keys of items whose time is over. */
  listExpired(table: Table, seconds: number, limit: number): readonly Key[];
}

const MAX_ITEM_SIZE = 400 * 1024;
/** TTL values further in the past than this are taken for something else than a time. */
const FIVE_YEARS = 5 * 365 * 24 * 3600;

/** Opens the items. */
export function openItems(store: Store): Items {
  store.exec(
    `CREATE TABLE IF NOT EXISTS ddb_items (
       table_id INTEGER NOT NULL, pk BLOB NOT NULL, sk BLOB NOT NULL,
       item TEXT NOT NULL, size INTEGER NOT NULL, expires INTEGER,
       UNIQUE (table_id, pk, sk)
     ) STRICT;
     CREATE INDEX IF NOT EXISTS ddb_items_expires ON ddb_items (table_id, expires)
       WHERE expires IS NOT NULL;
     CREATE TABLE IF NOT EXISTS ddb_index (
       index_id INTEGER NOT NULL, pk BLOB NOT NULL, sk BLOB NOT NULL,
       base_pk BLOB NOT NULL, base_sk BLOB NOT NULL,
       PRIMARY KEY (index_id, pk, sk, base_pk, base_sk)
     ) STRICT, WITHOUT ROWID`,
  );

  function updateIndexes(table: Table, key: Key, old: Item | undefined, item: Item | undefined) {
    for (const index of table.indexes) {
      const before = old && keyOfIndex(index.key, old, index.name);
      const after = item && keyOfIndex(index.key, item, index.name);
      if (before !== undefined && after !== undefined && isSame(before, after)) continue;
      if (before !== undefined) {
        store
          .prepare(
            "DELETE FROM ddb_index WHERE index_id = ? AND pk = ? AND sk = ? AND base_pk = ? AND base_sk = ?",
          )
          .run(index.id, before.pk, before.sk, key.pk, key.sk);
      }
      if (after !== undefined) {
        store
          .prepare("INSERT INTO ddb_index VALUES (?, ?, ?, ?, ?)")
          .run(index.id, after.pk, after.sk, key.pk, key.sk);
      }
    }
  }

  return {
    get(table, key) {
      const row = store
        .prepare("SELECT item, size FROM ddb_items WHERE table_id = ? AND pk = ? AND sk = ?")
        .get(table.id, key.pk, key.sk);
      return row && { item: parseStored(row), size: number(row, "size") };
    },
    put(table, key, item, old) {
      const size = itemSize(item);
      if (size > MAX_ITEM_SIZE) {
        throw invalid("Item size has exceeded the maximum allowed size");
      }
      updateIndexes(table, key, old, item);
      store
        .prepare(
          `INSERT INTO ddb_items (table_id, pk, sk, item, size, expires) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (table_id, pk, sk)
           DO UPDATE SET item = excluded.item, size = excluded.size, expires = excluded.expires`,
        )
        .run(table.id, key.pk, key.sk, JSON.stringify(item), size, expiryOf(table, item));
    },
    remove(table, key, old) {
      updateIndexes(table, key, old, undefined);
      store
        .prepare("DELETE FROM ddb_items WHERE table_id = ? AND pk = ? AND sk = ?")
        .run(table.id, key.pk, key.sk);
    },
    removeAll(table) {
      store.prepare("DELETE FROM ddb_items WHERE table_id = ?").run(table.id);
      for (const index of table.indexes) {
        store.prepare("DELETE FROM ddb_index WHERE index_id = ?").run(index.id);
      }
    },
    *iterate(table, index, range) {
      const { sql, parameters } = select(table, index, range);
      for (const row of store.prepare(sql).iterate(...parameters)) {
        yield { item: parseStored(row), size: number(row, "size"), pk: bytes(row, "pk") };
      }
    },
    totals(table) {
      const row = store
        .prepare(
          "SELECT count(*) AS count, coalesce(sum(size), 0) AS size FROM ddb_items WHERE table_id = ?",
        )
        .get(table.id);
      return row === undefined
        ? { count: 0, size: 0 }
        : { count: number(row, "count"), size: number(row, "size") };
    },
    setExpiries(table) {
      const rows = store
        .prepare("SELECT rowid, item FROM ddb_items WHERE table_id = ?")
        .all(table.id);
      const update = store.prepare("UPDATE ddb_items SET expires = ? WHERE rowid = ?");
      for (const row of rows) update.run(expiryOf(table, parseStored(row)), number(row, "rowid"));
    },
    listExpired(table, seconds, limit) {
      return store
        .prepare(
          "SELECT pk, sk FROM ddb_items WHERE table_id = ? AND expires BETWEEN ? AND ? LIMIT ?",
        )
        .all(table.id, seconds - FIVE_YEARS, seconds, limit)
        .map((row) => ({ pk: bytes(row, "pk"), sk: bytes(row, "sk") }));
    },
  };
}

/** Reads entries in the order of their keys. */
function select(
  table: Table,
  index: Index | undefined,
  { pk, from, to, descending, after }: Range,
): { sql: string; parameters: (number | Buffer)[] } {
  const conditions: string[] = [];
  const parameters: (number | Buffer)[] = [];
  const where = (condition: string, ...values: (number | Buffer)[]) => {
    conditions.push(condition);
    parameters.push(...values);
  };
  const columns = [
    ...(pk === undefined ? ["e.pk"] : []),
    "e.sk",
    ...(index === undefined ? [] : ["e.base_pk", "e.base_sk"]),
  ];

  if (index === undefined) where("e.table_id = ?", table.id);
  else where("t.table_id = ? AND e.index_id = ?", table.id, index.id);
  if (pk !== undefined) where("e.pk = ?", pk);
  if (from !== undefined) where(`e.sk ${from.inclusive ? ">=" : ">"} ?`, from.sk);
  if (to !== undefined) where(`e.sk ${to.inclusive ? "<=" : "<"} ?`, to.sk);
  if (after !== undefined) {
    where(
      `(${columns.join(", ")}) ${descending ? "<" : ">"} (${columns.map(() => "?").join(", ")})`,
      ...(pk === undefined ? [after.key.pk] : []),
      after.key.sk,
      ...(index === undefined ? [] : [after.base.pk, after.base.sk]),
    );
  }

  const source =
    index === undefined
      ? "ddb_items e"
      : "ddb_index e CROSS JOIN ddb_items t ON t.pk = e.base_pk AND t.sk = e.base_sk";
  const row = index === undefined ? "e" : "t";
  const order = columns.map((column) => `${column} ${descending ? "DESC" : "ASC"}`).join(", ");
  return {
    sql: `SELECT ${row}.item, ${row}.size, e.pk FROM ${source} WHERE ${conditions.join(" AND ")} ORDER BY ${order}`,
    parameters,
  };
}

function parseStored(row: Row): Item {
  // oxlint-disable-next-line no-unsafe-type-assertion -- written by `put` from a checked item
  return JSON.parse(text(row, "item")) as Item;
}

function expiryOf(table: Table, item: Item): number | null {
  const value = table.ttlAttribute === undefined ? undefined : item[table.ttlAttribute];
  if (value === undefined || !("N" in value)) return null;
  const seconds = Math.floor(Number(value.N));
  return Number.isSafeInteger(seconds) ? seconds : null;
}

function isSame(a: Key, b: Key): boolean {
  return a.pk.equals(b.pk) && a.sk.equals(b.sk);
}
