import type { DataMap } from "@lava/core";
import type { TriggerIndex } from "@lava/realm";
import type { TtlCache } from "../ttl-cache.ts";
import { triggerLevels } from "./trigger-levels.ts";

/** The triggers at the nearest level that has any. */
export interface FoundTriggers {
  /** As the table has it; undefined when there is none at any level. */
  readonly prefix: string | undefined;
  /** As they are stored. */
  readonly items: readonly DataMap[];
}

/** Finds the triggers for an object. */
export type TriggerLookup = (bucket: string, key: string) => Promise<FoundTriggers>;

/** A bucket with more triggers is asked prefix by prefix. */
const WHOLE_LIMIT = 1000;

/** The triggers of a bucket, by prefix; those of a bucket with too many are not known as a whole. */
export type BucketTriggers = ReadonlyMap<string, readonly DataMap[]> | "too many";

/** What a lookup remembers. */
export interface TriggerCaches {
  readonly buckets: TtlCache<BucketTriggers>;
  /** Of buckets with many triggers; misses are remembered too (TRIG-10). */
  readonly prefixes: TtlCache<readonly DataMap[]>;
}

/**
 * A lookup over the index of the table. One query gets all triggers of a bucket, so that events of a thousand different
 * keys cost no more than one.
 */
export function createTriggerLookup(index: TriggerIndex, caches: TriggerCaches): TriggerLookup {
  async function loadBucket(bucket: string): Promise<BucketTriggers> {
    const { items, complete } = await index.ofBucket(bucket, WHOLE_LIMIT);
    return complete ? Map.groupBy(items, (item) => String(item["prefix"])) : "too many";
  }

  return async (bucket, key) => {
    const whole = await caches.buckets.load(bucket, () => loadBucket(bucket));
    for (const prefix of triggerLevels(key)) {
      const items =
        whole === "too many"
          ? // oxlint-disable-next-line no-await-in-loop -- the first level that has any ends it
            await caches.prefixes.load(JSON.stringify([bucket, prefix]), () =>
              index.ofPrefix(bucket, prefix),
            )
          : (whole.get(prefix) ?? []);
      if (items.length > 0) return { prefix, items };
    }
    return { prefix: undefined, items: [] };
  };
}
