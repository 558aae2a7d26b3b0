import type { DataMap } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { ItemKind } from "../build/types.ts";

/** The part of a realm's table that deployments use. */
export interface ItemTable {
  getItem(id: string): Promise<DataMap | undefined>;
  put(item: DataMap, options: { expected: DataMap | null }): Promise<void>;
  delete(id: string, options: { expected: DataMap | null }): Promise<void>;
}

/** Kinds of item that live in tables, in the order in which they are deployed (FW-249). */
export const TABLE_KINDS = ["connection", "job", "s3trigger"] as const;

/** The table of a kind; undefined for rules, which are not in a table. */
export function tableOf(realm: Realm, kind: ItemKind): ItemTable | undefined {
  switch (kind) {
    case "connection":
      return realm.connections;
    case "job":
      return realm.jobs;
    case "s3trigger":
      return realm.s3triggers;
    case "rule":
      return undefined;
  }
}
