import { DecimalValue, FloatValue } from "@lava/core";
import { expect, test } from "vitest";
import type { SqlClient } from "../src/sql/client.ts";

/** What the suite has to know of a dialect. */
export interface SqlConformance {
  /** Opens a connection to a database that is empty and belongs to this test alone. */
  readonly open: () => Promise<SqlClient>;
  /** Opens another one to the same database as the last `open`. */
  readonly again: () => Promise<SqlClient>;
  readonly dialect: string;
  /** How the dialect writes its placeholders, from 1. */
  readonly placeholder: (position: number) => string;
  /** A query that gives whole numbers from 1 to `rows` in a column `n`. */
  readonly series: (rows: number) => string;
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** What every SqlClient must do; each dialect's test calls it. */
export function testSqlClient(dialect: SqlConformance): void {
  const { open, again, placeholder, series } = dialect;

  test("says which dialect it speaks", async () => {
    await using db = await open();
    expect(db.dialect).toBe(dialect.dialect);
  });

  test("gives rows as objects by column name", async () => {
    await using db = await open();
    await db.execute("create table city (name varchar(20), people integer)");
    await db.execute("insert into city values ('Seattle', 737015)");

    const rows = await db.query("select name, people from city");

    expect(rows).toEqual([{ name: "Seattle", people: 737015 }]);
  });

  test("fills placeholders with values, null and text with quotes included", async () => {
    await using db = await open();
    await db.execute("create table t (a integer, b varchar(20))");
    const insert = `insert into t values (${placeholder(1)}, ${placeholder(2)})`;

    await db.execute(insert, { parameters: [1, "it's; --"] });
    await db.execute(insert, { parameters: [2, null] });

    expect(await db.query("select a, b from t order by a")).toEqual([
      { a: 1, b: "it's; --" },
      { a: 2, b: null },
    ]);
  });

  test("keeps whole numbers beyond 2^53 exact", async () => {
    await using db = await open();
    await db.execute("create table t (a bigint)");
    await db.execute("insert into t values (9007199254740993)");

    expect(await db.query("select a from t")).toEqual([{ a: 9007199254740993n }]);
  });

  test("tells floats that are whole from ints where exact values are asked for (T-02)", async () => {
    await using db = await open();
    await db.execute("create table t (a double precision, b integer)");
    await db.execute("insert into t values (2.0, 2)");

    const plain = await db.query("select a, b from t");
    const exact = await db.query("select a, b from t", { values: "exact" });

    expect(plain).toEqual([{ a: 2, b: 2 }]);
    expect(exact).toEqual([{ a: new FloatValue(2), b: 2 }]);
  });

  test("counts the rows that a statement changed", async () => {
    await using db = await open();
    await db.execute("create table t (a integer)");
    await db.execute("insert into t values (1), (2), (3)");

    expect(await db.execute("update t set a = a + 1 where a > 1")).toEqual({ rowsAffected: 2 });
  });

  test("describes a result with no rows, and no result where a statement has none", async () => {
    await using db = await open();
    await db.execute("create table t (a integer, b integer)");

    {
      await using empty = await db.stream("select a, b as c from t");
      expect(empty.columns?.map(({ name }) => name)).toEqual(["a", "c"]);
      expect(await collect(empty.batches)).toEqual([]);
    }
    await using none = await db.stream("insert into t values (1, 2)");
    expect(none.columns).toBeUndefined();
    expect(await collect(none.batches)).toEqual([]);
    expect(await db.query("select a from t")).toEqual([{ a: 1 }]);
  });

  test("streams rows in batches of the size asked for", async () => {
    await using db = await open();
    await using result = await db.stream(series(10), { batchSize: 4 });

    const batches = await collect(result.batches);

    expect(batches.map((batch) => batch.length)).toEqual([4, 4, 2]);
    expect(batches.flat()).toEqual(Array.from({ length: 10 }, (_, index) => [index + 1]));
  });

  test("can be left in the middle of a result and used again", async () => {
    await using db = await open();
    {
      await using result = await db.stream(series(1000), { batchSize: 2 });
      for await (const batch of result.batches) {
        expect(batch).toHaveLength(2);
        break;
      }
    }

    await db.execute("create table t (a integer)");
    expect(await db.query("select count(*) as n from t")).toEqual([{ n: 0 }]);
  });

  test("commits a transaction that succeeds and returns its value (T-48)", async () => {
    await using db = await open();
    await db.execute("create table t (a integer)");

    const value = await db.transaction(async () => {
      await db.execute("insert into t values (1)");
      return "done";
    });

    await using other = await again();
    expect(value).toBe("done");
    expect(await other.query("select a from t")).toEqual([{ a: 1 }]);
  });

  test("rolls a transaction back that fails, and throws its failure", async () => {
    await using db = await open();
    await db.execute("create table t (a integer)");

    const failing = db.transaction(async () => {
      await db.execute("insert into t values (1)");
      throw new Error("on purpose");
    });

    await expect(failing).rejects.toThrow("on purpose");
    expect(await db.query("select a from t")).toEqual([]);
  });

  test("rolls back what was begun and not committed", async () => {
    await using db = await open();
    await db.execute("create table t (a integer)");
    await db.begin();
    await db.execute("insert into t values (1)");
    await db.rollback();

    expect(await db.query("select a from t")).toEqual([]);
    await db.commit();
    await db.rollback();
  });

  test("commits each statement by itself outside of a transaction", async () => {
    await using db = await open();
    await db.execute("create table t (a integer)");
    await db.execute("insert into t values (1)");

    await using other = await again();
    expect(await other.query("select a from t")).toEqual([{ a: 1 }]);
  });

  test("gives the database's own text for a statement that it refuses", async () => {
    await using db = await open();

    await expect(db.query("select a from missing_table")).rejects.toMatchObject({
      code: "SQL_ERROR",
      message: expect.stringContaining("missing_table"),
    });
  });

  test("stops at the abort of a signal", async () => {
    await using db = await open();
    const controller = new AbortController();
    await using result = await db.stream(series(1000), {
      batchSize: 1,
      signal: controller.signal,
    });

    const reading = (async () => {
      for await (const batch of result.batches) if (batch[0]?.[0] === 3) controller.abort();
    })();

    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  });

  test("stops a result that is cancelled", async () => {
    await using db = await open();
    await using result = await db.stream(series(1000), { batchSize: 1 });

    const reading = (async () => {
      for await (const batch of result.batches) if (batch[0]?.[0] === 3) await db.cancel();
    })();

    await expect(reading).rejects.toMatchObject({ code: "SQL_CANCELLED" });
    expect(await db.query(series(1))).toEqual([{ n: 1 }]);
  });

  test("takes exact numbers as parameters", async () => {
    await using db = await open();
    await db.execute("create table t (a double precision, b bigint)");
    await db.execute(`insert into t values (${placeholder(1)}, ${placeholder(2)})`, {
      parameters: [new FloatValue(3), new DecimalValue("12345678901234567")],
    });

    expect(await db.query("select a, b from t", { values: "exact" })).toEqual([
      { a: new FloatValue(3), b: 12345678901234567n },
    ]);
  });

  test("can be disposed of twice", async () => {
    const db = await open();
    await db[Symbol.asyncDispose]();

    await expect(db[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
}
