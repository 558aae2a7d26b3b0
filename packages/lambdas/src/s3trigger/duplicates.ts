import { createHash } from "node:crypto";
import type { SeenStore } from "@lava/realm";
import { createTtlCache, type TtlCacheOptions } from "../ttl-cache.ts";
import type { S3Event } from "./s3-event.ts";

/** Drops copies of events (LAM-214, LAM-219, TRIG-10). */
export interface Duplicates {
  /**
   * Does the work for an event that is no copy. Only work that gives true is remembered, so that an event whose work
   * failed is none of the copies when it comes again (TRAP-LAM-08).
   *
   * @returns the time of the event that this one is a copy of; undefined for one whose work was done
   */
  once(event: S3Event, work: () => Promise<boolean>): Promise<string | undefined>;
}

/** Options of {@link createDuplicates}; a `size` of 0 drops nothing. */
export interface DuplicatesOptions extends TtlCacheOptions {
  /** Known to all instances. */
  readonly shared: SeenStore;
}

/** Two events are the same when bucket, key, type and size are. */
export function createDuplicates({ shared, ...cache }: DuplicatesOptions): Duplicates {
  const done = createTtlCache<string>(cache);
  const underWay = new Map<string, Promise<boolean>>();

  async function original(key: string): Promise<string | undefined> {
    return done.get(key) ?? (await shared.get(hash(key)));
  }

  return {
    async once(event, work) {
      if (cache.size <= 0 || cache.ttl <= 0) {
        await work();
        return undefined;
      }
      const key = JSON.stringify([event.bucket, event.key, event.event_type, event.size]);
      const time = event.event_time ?? "unknown";
      // A copy in the same batch waits for what becomes of the first.
      for (let other = underWay.get(key); other !== undefined; other = underWay.get(key)) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
        if (await other) return done.get(key) ?? time;
      }
      const { promise, resolve } = Promise.withResolvers<boolean>();
      underWay.set(key, promise);
      let succeeded = false;
      try {
        const known = await original(key);
        if (known !== undefined) {
          succeeded = true;
          return known;
        }
        succeeded = await work();
        if (succeeded) {
          done.set(key, time);
          await shared.mark(hash(key), time, cache.ttl);
        }
        return undefined;
      } finally {
        underWay.delete(key);
        resolve(succeeded);
      }
    },
  };
}

function hash(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}
