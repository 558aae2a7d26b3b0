import { createHash } from "node:crypto";
import { toWireJson } from "@lava/spec";
import type { ChildOptions } from "../handler.ts";

/**
 * Tells iterations of a foreach apart by their values, so that in a rerun none is left out that is another one now;
 * undefined for children of a chain or dag.
 */
export function childKey({ index, globals }: ChildOptions): string | undefined {
  if (index === undefined) return undefined;
  return createHash("sha1")
    .update(toWireJson(globals ?? {}))
    .digest("base64url")
    .slice(0, 12);
}
