import { type Data, type DataMap, errorText, LavaError, type Logger } from "@lava/core";
import { type Condition, ConditionFailed, type Documents, searchAll } from "../documents.ts";
import { createExpression } from "../expression.ts";
import { textOf } from "../marshal.ts";
import type { ListOptions, RecordTable } from "./record-table.ts";

/** What makes one table of records of the others. */
export interface TableShape<T> {
  readonly table: string;
  readonly key: string;
  /** What one record is called in messages. */
  readonly noun: string;
  readonly parse: (item: DataMap) => T;
}

/** A table of records over DynamoDB. */
export function openTable<T>(
  shape: TableShape<T>,
  documents: Documents,
  logger: Logger,
): RecordTable<T> {
  const { table, key, noun } = shape;

  async function getItem(id: string): Promise<DataMap | undefined> {
    return id === "" ? undefined : documents.get(table, { [key]: id });
  }

  async function listItems(options: Pick<ListOptions, "where"> = {}): Promise<DataMap[]> {
    const expression = createExpression();
    const filter = Object.entries(options.where ?? {})
      .map(([name, value]) => `${expression.name(name)} = ${expression.value(value)}`)
      .join(" AND ");
    const items = await searchAll(documents, table, {
      expression,
      ...(filter === "" ? {} : { filter }),
    });
    return items.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  }

  const idOf = (item: DataMap): string => textOf(item[key]) ?? "";

  async function conditionally(
    id: string,
    expected: DataMap | null | undefined,
    next: DataMap,
    write: (condition: Condition | undefined) => Promise<unknown>,
  ): Promise<void> {
    try {
      await write(expected === undefined ? undefined : unchanged(expected, next));
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      throw new LavaError(
        "RECORD_CHANGED",
        `The ${noun} ${id} has been changed in ${table} since it was read`,
        { cause: error, hint: "Plan again and look at what has changed." },
      );
    }
  }

  /**
   * The condition that an item is as it was seen: each attribute as it was, and those that are new in what is to
   * be written still absent. That nothing else was added cannot be said.
   */
  function unchanged(seen: DataMap | null, next: DataMap): Condition {
    const expression = createExpression();
    if (seen === null) {
      return { text: `attribute_not_exists(${expression.name(key)})`, expression };
    }
    const absent = new Set(Object.keys(next));
    const parts = Object.entries(seen).map(([name, value]: [string, Data]) => {
      absent.delete(name);
      return `${expression.name(name)} = ${expression.value(value)}`;
    });
    for (const name of absent) parts.push(`attribute_not_exists(${expression.name(name)})`);
    return { text: parts.join(" AND "), expression };
  }

  return {
    table,
    key,
    getItem,
    listItems,
    async get(id) {
      const item = await getItem(id);
      return item && shape.parse(item);
    },
    async list(options = {}) {
      const records: T[] = [];
      for (const item of await listItems(options)) {
        try {
          records.push(shape.parse(item));
        } catch (error) {
          if (options.onUnreadable) options.onUnreadable(idOf(item), error);
          else logger.warn({ [key]: idOf(item), error: errorText(error) }, "record cannot be read");
        }
      }
      return records;
    },
    async put(item, { expected } = {}) {
      if (typeof item[key] !== "string" || item[key] === "") {
        throw new LavaError("BAD_RECORD", `A ${noun} for ${table} must have a ${key}`);
      }
      await conditionally(item[key], expected, item, (condition) =>
        documents.put(table, item, condition),
      );
    },
    async delete(id, { expected } = {}) {
      await conditionally(id, expected, {}, (condition) =>
        documents.delete(table, { [key]: id }, condition),
      );
    },
  };
}
