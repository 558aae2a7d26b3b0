import { LavaError } from "@lava/core";
import type { StoredConnection } from "@lava/spec";

/** Refuses a connection that is switched off (CON-all-03). @throws {LavaError} CONNECTION_DISABLED */
export function requireEnabled({ conn_id, enabled }: StoredConnection): void {
  if (enabled) return;
  throw new LavaError("CONNECTION_DISABLED", `Connection ${conn_id}: Not enabled`, {
    retry: "never",
  });
}
