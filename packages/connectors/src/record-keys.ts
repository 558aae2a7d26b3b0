import { type DataMap, LavaError } from "@lava/core";

/** Keys of a record that nobody checks (`X-*`, `x-*`; T-79). */
const IGNORED = /^[Xx]-/;

/** Which keys a record has to have and may have; without `optional` it may have any. */
export interface KeyRules {
  readonly required: readonly string[];
  readonly optional?: readonly string[];
}

/**
 * Checks the keys of a record with the original's texts: `Missing keys: a, b`, `Unexpected keys: a, b`.
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD
 */
export function checkKeys(record: DataMap, rules: KeyRules, prefix = ""): void {
  const fault = keyFault(record, rules);
  if (fault !== undefined) {
    throw new LavaError("BAD_CONNECTION_RECORD", `${prefix}${fault}`, { retry: "never" });
  }
}

function keyFault(record: DataMap, { required, optional }: KeyRules): string | undefined {
  const missing = required.filter((key) => !Object.hasOwn(record, key)).sort();
  if (missing.length > 0) return `Missing keys: ${missing.join(", ")}`;
  if (optional === undefined) return undefined;
  const known = new Set([...required, ...optional]);
  const unexpected = Object.keys(record)
    .filter((key) => !known.has(key) && !IGNORED.test(key))
    .sort();
  return unexpected.length > 0 ? `Unexpected keys: ${unexpected.join(", ")}` : undefined;
}
