import { LavaError } from "@lava/core";
import { NotLookedUp } from "./look-up.ts";

/** A row of a database, by the names of its columns. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** Where `lava.dag` looks for the tables of database connections (FW-074). */
export interface SqlLookup {
  /**
   * The rows that a statement gives.
   *
   * @param conn_id Of a connection of the realm
   */
  query(realm: string, conn_id: string, statement: string): Promise<Iterable<SqlRow>>;
}

/** Rows for templates, which cannot wait: they are looked up when one asks, then the work is done anew. */
export interface SqlAccess {
  /** @throws what `runWithLookUps` catches, while they are not known; what the database says when they cannot be */
  rows(realm: string | undefined, conn_id: string, statement: string): Iterable<SqlRow>;
}

/** Access by look-ups, each made once. @param realm Where connections are unless a template says otherwise */
export function createSqlAccess(lookup: SqlLookup | undefined, realm: string): SqlAccess {
  const known = new Map<string, { rows: readonly SqlRow[] } | { fault: unknown }>();
  return {
    rows(other, conn_id, statement) {
      const where = other ?? realm;
      const key = JSON.stringify([where, conn_id, statement]);
      const answer = known.get(key);
      if (answer !== undefined && "rows" in answer) return answer.rows;
      if (answer !== undefined) throw answer.fault;
      if (where === "") {
        throw new LavaError("TEMPLATE_HELPER", "Realm must be specified for lava connections");
      }
      if (lookup === undefined) {
        throw new LavaError(
          "TEMPLATE_HELPER",
          "neither a .csv, .xlsx, .sqlite or .sqlite3 file, nor is there a way here to database connections",
        );
      }
      throw new NotLookedUp(async () => {
        try {
          known.set(key, { rows: [...(await lookup.query(where, conn_id, statement))] });
        } catch (fault) {
          known.set(key, { fault });
        }
      });
    },
  };
}
