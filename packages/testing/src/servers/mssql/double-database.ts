import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { TdsFault } from "./tds-tokens.ts";
import { type CellValue, tdsType, type TdsType } from "./tds-values.ts";

/** A result that is read row by row. */
export interface DoubleResult {
  /** Empty where a statement selects nothing. */
  readonly columns: readonly { readonly name: string; readonly type: TdsType }[];
  readonly rows: Iterable<readonly CellValue[]>;
  /** Rows that a statement changed. */
  readonly changes: number;
}

/** The database behind the double: SQLite, which is told the few words of T-SQL that lava uses. */
export interface DoubleDatabase extends Disposable {
  /** @throws {MssqlFault} */
  run(sql: string, parameters: Readonly<Record<string, CellValue>>): DoubleResult;
}

/** A fault with the number that SQL Server gives it. */
export class MssqlFault extends Error implements TdsFault {
  readonly number: number;
  constructor(number: number, message: string) {
    super(message);
    this.number = number;
  }
}

const NONE: DoubleResult = { columns: [], rows: [], changes: 0 };

const TABLES =
  "(select 'dbo' as table_schema, name as table_name from sqlite_schema where type = 'table')";
const COLUMNS = `(select 'dbo' as table_schema, m.name as table_name, p.name as column_name, p.cid as ordinal_position
  from sqlite_schema m, pragma_table_info(m.name) p where m.type = 'table')`;

/** Opens a database of the double; several connections to one file see each other's commits. */
export function openDoubleDatabase(folder: string, name: string): DoubleDatabase {
  const database = new DatabaseSync(join(folder, `${name}.db`), { timeout: 5000 });
  database.exec("pragma journal_mode = wal; pragma synchronous = off");
  return {
    run(sql, parameters) {
      if (/^\s*set\s/i.test(sql)) return NONE;
      try {
        return select(database.prepare(translate(sql)), parameters);
      } catch (error) {
        throw toFault(error);
      }
    },
    [Symbol.dispose]: () => database.close(),
  };
}

function select(
  statement: StatementSync,
  parameters: Readonly<Record<string, CellValue>>,
): DoubleResult {
  statement.setReadBigInts(true);
  statement.setAllowUnknownNamedParameters(true);
  const described = statement.columns();
  if (described.length === 0) {
    return { ...NONE, changes: Number(statement.run(parameters).changes) };
  }
  statement.setReturnArrays(true);
  const cells: Iterator<unknown> = statement.iterate(parameters);
  const first = cells.next();
  const start = first.done === true ? [] : toCells(first.value);
  const columns = described.map(({ name, type }, index) => ({
    name,
    type: tdsType(type?.replace(/_text/i, "") ?? null, start[index] ?? null),
  }));
  function* rows(): Generator<readonly CellValue[]> {
    if (first.done === true) return;
    yield start;
    for (let next = cells.next(); next.done !== true; next = cells.next())
      yield toCells(next.value);
  }
  return { columns, rows: rows(), changes: 0 };
}

function toCells(row: unknown): CellValue[] {
  const cells: readonly unknown[] = Array.isArray(row) ? row : [];
  return cells.map((cell) =>
    typeof cell === "string" ||
    typeof cell === "number" ||
    typeof cell === "bigint" ||
    cell instanceof Uint8Array
      ? cell
      : null,
  );
}

function translate(sql: string): string {
  const isCreate = /^\s*create table/i.test(sql);
  // A type with TEXT in its name keeps all digits in SQLite.
  const typed = isCreate ? sql.replace(/\b(decimal|numeric|money)\b/gi, "$1_text") : sql;
  return typed
    .replace(/\binformation_schema\.tables\b/gi, TABLES)
    .replace(/\binformation_schema\.columns\b/gi, COLUMNS)
    .replace(/\[dbo\]\./gi, "")
    .replace(/^\s*select top (\d+) (.*)$/is, "select $2 limit $1")
    .replace(/^\s*truncate table/i, "delete from")
    .replace(/\(max\)/gi, "(2000000000)")
    .replace(/\b0x([0-9a-f]*)\b/gi, "x'$1'")
    .replace(/\bN'/g, "'");
}

/** Faults of SQLite under the numbers and in the words of SQL Server. */
function toFault(error: unknown): MssqlFault {
  const text = error instanceof Error ? error.message : String(error);
  const table = /^no such table: (.*)/.exec(text)?.[1];
  if (table !== undefined) return new MssqlFault(208, `Invalid object name '${table}'.`);
  const column = /^no such column: (.*)/.exec(text)?.[1];
  if (column !== undefined) return new MssqlFault(207, `Invalid column name '${column}'.`);
  if (text.startsWith("UNIQUE constraint"))
    return new MssqlFault(2627, `Violation of a key: ${text}`);
  return new MssqlFault(102, `Incorrect syntax: ${text}`);
}
