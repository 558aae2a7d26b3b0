import { type Data, type DataMap, isMap } from "@lava/core";
import { sameData, withoutTracking } from "./compare.ts";

/**
 * Whether a rule is on its way from one form to another: EventBridge takes a rule, its targets and its tags one after
 * the other, and whoever was killed in between leaves each as it was, as it is to be, or not there.
 */
export function isHalfMade(
  now: DataMap | undefined,
  before: DataMap = {},
  after: DataMap = {},
): boolean {
  if (now === undefined) return false;
  return Object.entries(withoutTracking(now)).every(([name, value]) => {
    const [old, next] = [before[name], after[name]];
    if (name === "targets" && Array.isArray(value)) {
      const known = [old, next].flatMap((list) => (Array.isArray(list) ? list : []));
      return value.every((target: Data) => known.some((other: Data) => sameData(target, other)));
    }
    if (name === "tags" && isTags(value)) {
      return Object.entries(value).every(([key, tag]) =>
        [old, next].some((tags) => isTags(tags) && sameData(tags[key], tag)),
      );
    }
    return sameData(value, old) || sameData(value, next);
  });
}

function isTags(value: Data | undefined): value is DataMap {
  return value !== undefined && isMap(value);
}
