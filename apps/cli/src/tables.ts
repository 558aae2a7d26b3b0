import { type DataMap, fnmatch, LavaError, nullLogger } from "@lava/core";
import type { CliContext } from "./command.ts";
import { findRealm, type RealmOptions, withRealm } from "./realm-access.ts";

/** A table as commands on whole tables see it. */
export interface NamedTable {
  readonly name: TableName;
  readonly table: string;
  readonly key: string;
  listItems(): Promise<DataMap[]>;
  put(item: DataMap, options: { expected: DataMap }): Promise<void>;
}

const NAMES = ["jobs", "connections", "s3triggers", "triggers", "realms"] as const;
type TableName = Exclude<(typeof NAMES)[number], "triggers">;

/**
 * The table that a name or the beginning of one means (CLI-022); one that could mean several is refused (CLI-023).
 *
 * @throws {LavaError} BAD_OPTIONS
 */
export function tableName(text: string): TableName {
  const known = NAMES.filter((name) => text !== "" && name.startsWith(text.toLowerCase()));
  const [name, another] = known;
  if (name === undefined || another !== undefined) {
    throw new LavaError(
      "BAD_OPTIONS",
      `--table: "${text}" is the beginning of ${known.join(" and ") || "no table"}`,
      {
        kind: "usage",
        hint: `Tables are ${NAMES.join(", ")}.`,
      },
    );
  }
  return name === "triggers" ? "s3triggers" : name;
}

/** Opens the table of the options; the table of realms needs no realm (CLI-066). */
export async function withTable<T>(
  options: RealmOptions & { readonly table: string },
  context: CliContext,
  use: (table: NamedTable) => Promise<T>,
): Promise<T> {
  const name = tableName(options.table);
  if (name !== "realms") {
    return await withRealm(options, context, async (realm) => {
      const { table, key } = realm[name];
      return await use({
        name,
        table,
        key,
        listItems: () => realm[name].listItems(),
        put: (item, how) => realm[name].put(item, how),
      });
    });
  }
  const { createAwsClients, openRealmsTable } = await import("@lava/realm");
  // Which realm does not matter, where it is does.
  const { settings } = await findRealm(
    options.dev === true ? options : { ...options, realm: "-" },
    context,
  );
  await using clients = createAwsClients(settings);
  const realms = openRealmsTable(clients, nullLogger);
  return await use({
    name,
    table: realms.table,
    key: realms.key,
    listItems: () => realms.listItems(),
    put: (item, how) => realms.put(item, how),
  });
}

/** Items whose key fits one of the patterns, or with `invert` none of them; all without patterns (CLI-021, CLI-100). */
export function selectItems(
  items: readonly DataMap[],
  key: string,
  patterns: readonly string[],
  options: {
    readonly ignoreCase?: boolean | undefined;
    readonly invert?: boolean | undefined;
  } = {},
): DataMap[] {
  if (patterns.length === 0) return [...items];
  const fold = (text: string): string => (options.ignoreCase === true ? text.toLowerCase() : text);
  return items.filter((item) => {
    const id = fold(String(item[key]));
    return patterns.some((pattern) => fnmatch(id, fold(pattern))) !== (options.invert === true);
  });
}
