import type { DataMap } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { ItemKind } from "../build/types.ts";
import { ruleTable } from "./rule-table.ts";

/** Where items of one kind are kept, as deployments use it. */
export interface ItemTable {
  getItem(id: string): Promise<DataMap | undefined>;
  /** @throws {LavaError} RECORD_CHANGED when what is there is not as expected */
  put(item: DataMap, options: { expected: DataMap | null }): Promise<void>;
  /** @throws {LavaError} RECORD_CHANGED when what is there is not as expected */
  delete(id: string, options: { expected: DataMap | null }): Promise<void>;
}

/** Kinds of item in the order in which they are deployed, what fires last (FW-249). */
export const ITEM_KINDS = ["connection", "job", "s3trigger", "rule"] as const;

/** Where the items of a kind are: a table, or EventBridge. */
export function tableOf(realm: Realm, kind: ItemKind): ItemTable {
  switch (kind) {
    case "connection":
      return realm.connections;
    case "job":
      return realm.jobs;
    case "s3trigger":
      return realm.s3triggers;
    case "rule":
      return ruleTable(realm.rules);
  }
}
