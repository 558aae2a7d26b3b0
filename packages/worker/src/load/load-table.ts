import type { SqlClient } from "@lava/connectors";
import { LavaError } from "@lava/core";
import type { LoadRequest, LoadTarget } from "./load-target.ts";

/** The modes in which a table is loaded. */
export type LoadMode = "abort" | "append" | "delete" | "drop" | "switch" | "truncate";

/**
 * Loads a table in one of the modes and commits (JOB-db_from_s3-20..27). Whatever fails is rolled back, as far as the
 * database can.
 *
 * @param events What was done, in the words of the original.
 */
export async function loadTable(
  client: SqlClient,
  target: LoadTarget,
  mode: LoadMode,
  request: LoadRequest,
  events: string[],
): Promise<void> {
  await client.begin();
  try {
    if (mode === "switch") await loadSwitch(client, target, request, events);
    else await loadSimple(client, target, mode, request, events);
  } catch (error) {
    // The first fault is the one to tell; a connection that is gone cannot roll back.
    await client.rollback().catch(() => undefined);
    throw error;
  }
}

async function loadSimple(
  client: SqlClient,
  target: LoadTarget,
  mode: Exclude<LoadMode, "switch">,
  request: LoadRequest,
  events: string[],
): Promise<void> {
  const { columns, schema, table } = request;
  const name = target.objectName(schema, table);
  let exists = await target.exists(request);
  if (exists && mode === "abort")
    throw new LavaError("TABLE_EXISTS", `Table ${name} already exists`, { retry: "never" });
  if (exists && mode === "delete") {
    events.push(`Deleting from table ${name}`);
    await target.deleteAll(request);
    events.push(`Deleted from table ${name}`);
  } else if (exists && mode === "truncate") {
    events.push(`Truncating table ${name}`);
    await target.truncate(request);
    events.push(`Truncated table ${name}`);
  } else if (exists && mode === "drop") {
    events.push(`Dropping table ${name}`);
    await target.drop(request);
    events.push(`Dropped table ${name}`);
    exists = false;
  }
  if (!exists) await create(target, request, name, columns, events);
  await target.load(request, events);
  await client.commit();
  events.push(`Commit ${name}`);
  if (mode === "truncate") await target.afterTruncate?.();
}

async function create(
  target: LoadTarget,
  names: Pick<LoadRequest, "schema" | "table">,
  name: string,
  columns: readonly string[] | undefined,
  events: string[],
): Promise<void> {
  if (columns === undefined || columns.length === 0) {
    throw new LavaError(
      "NO_SUCH_TABLE",
      `Table ${name} doesn't exist and no column spec provided to create it`,
      { retry: "never" },
    );
  }
  events.push(`Creating table ${name}`);
  await target.create(names, columns);
  events.push(`Created table ${name}`);
}

/** Two tables take turns: the empty one is loaded, the other one is then emptied (JOB-db_from_s3-27). */
async function loadSwitch(
  client: SqlClient,
  target: LoadTarget,
  request: LoadRequest,
  events: string[],
): Promise<void> {
  const { columns, schema, table } = request;
  // Names are not quoted in these texts.
  const shown = (name: string): string => (schema === "" ? name : `${schema}.${name}`);
  const pair = ["a", "b"].map((end) => ({ schema, table: `${table}_${end}` }));
  let empty: (typeof pair)[number] | undefined;
  for (const names of pair) {
    const name = shown(names.table);
    if (!(await target.exists(names))) await create(target, names, name, columns, events);
    if (empty !== undefined || !(await target.isEmpty(names))) continue;
    events.push(`Table ${name} is empty - setting as load target`);
    empty = names;
  }
  const other = pair.find((names) => names !== empty);
  if (empty === undefined || other === undefined) {
    const message = `Neither A nor B switch table is empty for ${shown(table)}`;
    throw new LavaError("NO_EMPTY_TABLE", message, { retry: "never" });
  }
  await target.load({ ...request, ...empty }, events);
  events.push(`Deleting from table ${shown(other.table)}`);
  await target.deleteAll(other);
  events.push(`Deleted from table ${shown(other.table)}`);
  await client.commit();
  events.push(`Commit ${shown(table)}`);
  await client.begin();
  events.push(`Truncating table ${shown(other.table)}`);
  await target.truncate(other);
  await client.commit();
  await target.afterTruncate?.();
  events.push(`Truncated table ${shown(other.table)}`);
}
