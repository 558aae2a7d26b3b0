import type { Clock, DataMap, Logger } from "@lava/core";

/** What {@link createRealmResources} makes. */
export interface RealmResources {
  readonly realm: string;
  /** Each gets its queue. */
  readonly workers: readonly string[];
  readonly bucket: string;
  /** More attributes of the realm record (config, on_fail, x-workers...). An existing record is kept. */
  readonly record?: DataMap;
  readonly clock?: Clock;
  readonly logger?: Logger;
}
