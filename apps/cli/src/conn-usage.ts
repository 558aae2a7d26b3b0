import { type Data, type DataMap, isMap } from "@lava/core";

/** A place in a record that names a connection. */
export interface ConnectionUse {
  /** Path of the field: `parameters.connections.db`. */
  readonly path: string;
  /** What is written there; a template where it has `{{`. */
  readonly conn_id: string;
}

/** Fields that name a connection, wherever in parameters or actions they are (CLI-068, CLI-070). */
const FIELDS = new Set([
  ...["conn_id", "db_conn_id", "s3_conn_id", "docker"],
  ...["email_conn", "slack_conn"],
]);

/** Everything in a job's item, or a realm's, that names a connection. */
export function findConnectionUses(item: DataMap): ConnectionUse[] {
  return [...usesIn(item, "")];
}

function* usesIn(value: Data, path: string): Generator<ConnectionUse> {
  if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) yield* usesIn(entry, `${path}[${index}]`);
    return;
  }
  if (!isDataMap(value)) return;
  for (const [name, entry] of Object.entries(value)) {
    const at = path === "" ? name : `${path}.${name}`;
    if (typeof entry === "string") {
      if (FIELDS.has(name)) yield { path: at, conn_id: entry };
    } else if (name === "connections" && isDataMap(entry)) {
      for (const [label, conn_id] of Object.entries(entry)) {
        if (typeof conn_id === "string") yield { path: `${at}.${label}`, conn_id };
      }
    } else yield* usesIn(entry, at);
  }
}

/** Whether what is written is known only when a run renders it. */
export function isTemplate(text: string): boolean {
  return text.includes("{{") || text.includes("{%");
}

function isDataMap(value: Data): value is DataMap {
  return isMap(value);
}
