import { type Data, suggest } from "@lava/core";
import { isDataMap } from "../build/python-json.ts";
import type { ReferringItem } from "./job-graph.ts";
import { findingAt, type ProjectRule } from "./rule.ts";

/**
 * Connections that jobs name and this project does not have. Connections are often shared, so this is a warning,
 * and only where the project has connections of its own.
 */
export const connectionReferences: ProjectRule = {
  name: "connection-references",
  check({ items, isComplete }) {
    if (!isComplete) return [];
    const own = items.flatMap(({ kind, id }) => (kind === "connection" ? [id] : []));
    if (own.length === 0) return [];
    return items.flatMap((item) =>
      connectionsOf(item).flatMap(({ conn_id, path }) => {
        if (own.includes(conn_id) || conn_id.includes("{{")) return [];
        const suggestion = suggest(conn_id, own);
        return [
          findingAt(item, path, {
            severity: "warning",
            code: "unknown_connection",
            message: `job ${item.id} uses connection ${conn_id}, which this project does not have`,
            ...(suggestion === undefined ? {} : { suggestion }),
          }),
        ];
      }),
    );
  },
};

/** A connection that a job names, and where. */
export interface ConnectionReference {
  readonly conn_id: string;
  readonly path: readonly (string | number)[];
}

/** `parameters.conn_id`, `..._conn_id`, `docker` where it names one, and the map `connections` (CLI-068). */
export function connectionsOf(item: ReferringItem): ConnectionReference[] {
  const parameters = item.data["parameters"];
  if (item.kind !== "job" || parameters === undefined || !isDataMap(parameters)) return [];
  const references: ConnectionReference[] = [];
  const add = (value: Data | undefined, path: readonly (string | number)[]): void => {
    if (typeof value === "string" && value !== "") references.push({ conn_id: value, path });
  };
  for (const [key, value] of Object.entries(parameters)) {
    if (/(?:^|_)conn_id$/.test(key)) add(value, ["parameters", key]);
    if (key === "connections" && isDataMap(value)) {
      for (const [name, conn] of Object.entries(value)) add(conn, ["parameters", key, name]);
    }
  }
  return references;
}
