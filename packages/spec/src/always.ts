import { isMap } from "@lava/core";

/**
 * For `when` of a check: run it on every map, also where other fields are wrong, so that all faults are reported at
 * once.
 */
export function always(payload: { readonly value: unknown }): boolean {
  return isMap(payload.value);
}
