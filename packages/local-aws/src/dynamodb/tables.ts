import { AwsError } from "../errors.ts";
import { number, optionalText, type Row, type Store, text } from "../store.ts";
import { makeTable, type Table, type TableDefinition } from "./table.ts";

/** The tables that exist. */
export interface Tables {
  find(name: string): Table | undefined;
  /** By name or ARN; ResourceNotFoundException when there is none. */
  get(nameOrArn: string): Table;
  list(): readonly Table[];
  create(definition: TableDefinition): Table;
  remove(table: Table): void;
  setTtl(table: Table, attribute: string | undefined): void;
  setPointInTimeRecovery(table: Table, enabled: boolean): void;
}

/** Opens the catalogue, which keeps compiled tables until they change. */
export function openTables(store: Store): Tables {
  store.exec(
    `CREATE TABLE IF NOT EXISTS ddb_tables (
       id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, definition TEXT NOT NULL,
       ttl_attribute TEXT, pitr INTEGER NOT NULL DEFAULT 0
     ) STRICT`,
  );
  const known = new Map<string, Table>();

  function find(name: string): Table | undefined {
    const table = known.get(name);
    if (table !== undefined) return table;
    const row = store.prepare("SELECT * FROM ddb_tables WHERE name = ?").get(name);
    if (row === undefined) return undefined;
    const loaded = load(row);
    known.set(name, loaded);
    return loaded;
  }

  return {
    find,
    get(nameOrArn) {
      const table = find(tableName(nameOrArn));
      if (table === undefined) {
        throw new AwsError("ResourceNotFoundException", "Requested resource not found");
      }
      return table;
    },
    list: () => store.prepare("SELECT * FROM ddb_tables ORDER BY name").all().map(load),
    create(definition) {
      store
        .prepare("INSERT INTO ddb_tables (name, definition) VALUES (?, ?)")
        .run(definition.TableName, JSON.stringify(definition));
      const row = store
        .prepare("SELECT * FROM ddb_tables WHERE name = ?")
        .get(definition.TableName);
      if (row === undefined) throw new TypeError("the table is not there");
      return load(row);
    },
    remove(table) {
      store.prepare("DELETE FROM ddb_tables WHERE id = ?").run(table.id);
      known.delete(table.name);
    },
    setTtl(table, attribute) {
      store
        .prepare("UPDATE ddb_tables SET ttl_attribute = ? WHERE id = ?")
        .run(attribute ?? null, table.id);
      known.delete(table.name);
    },
    setPointInTimeRecovery(table, enabled) {
      store.prepare("UPDATE ddb_tables SET pitr = ? WHERE id = ?").run(enabled ? 1 : 0, table.id);
      known.delete(table.name);
    },
  };
}

/** The name in a table's ARN, or the name itself. */
export function tableName(nameOrArn: string): string {
  return /^arn:[^:]*:dynamodb:[^:]*:[^:]*:table\/([^/]+)/.exec(nameOrArn)?.[1] ?? nameOrArn;
}

function load(row: Row): Table {
  // oxlint-disable-next-line no-unsafe-type-assertion -- written by `create` from a checked definition
  const definition = JSON.parse(text(row, "definition")) as TableDefinition;
  return makeTable(
    number(row, "id"),
    definition,
    optionalText(row, "ttl_attribute"),
    number(row, "pitr") === 1,
  );
}
