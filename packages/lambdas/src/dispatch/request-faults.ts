import { type DataMap, LavaError } from "@lava/core";

/**
 * Refuses names that lava keeps for itself (LAM-116).
 *
 * @throws {LavaError} RESERVED_GLOBAL
 */
export function checkGlobals(globals: DataMap): DataMap {
  const reserved = Object.keys(globals).find((name) => name.toLowerCase().startsWith("lava"));
  if (reserved === undefined) return globals;
  throw new LavaError("RESERVED_GLOBAL", `Reserved global: ${reserved}`, {
    hint: 'Names of globals may not start with "lava".',
    retry: "never",
  });
}

/** The error for a request that says nothing that can be done. */
export function badRequest(message: string, cause?: unknown): LavaError {
  return new LavaError("BAD_DISPATCH_REQUEST", message, {
    retry: "never",
    ...(cause === undefined ? {} : { cause }),
  });
}
