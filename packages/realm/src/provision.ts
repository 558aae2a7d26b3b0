import type { DataMap, Logger } from "@lava/core";
import type { AwsClients } from "./clients.ts";

/** What {@link createRealmResources} makes. */
export interface RealmResources {
  readonly realm: string;
  readonly workers: readonly string[];
  readonly bucket: string;
  /** More attributes of the realm record (config, on_fail, x-workers...); an existing record is kept. */
  readonly record?: DataMap;
  readonly logger?: Logger;
}
/** Makes bucket, tables, queues and realm record where they are missing; safe to repeat. */
export declare function createRealmResources(
  clients: AwsClients,
  resources: RealmResources,
): Promise<void>;
/** Removes them, with everything in them. */
export declare function deleteRealmResources(
  clients: AwsClients,
  resources: Pick<RealmResources, "realm" | "workers" | "bucket">,
): Promise<void>;
