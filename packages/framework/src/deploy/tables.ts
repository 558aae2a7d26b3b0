import type { Realm } from "@lava/realm";
import type { ItemKind } from "../build/types.ts";
import type { ItemTable } from "./item-table.ts";
import { ruleTable } from "./rule-table.ts";

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
