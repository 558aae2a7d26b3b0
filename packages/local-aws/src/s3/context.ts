import type { AwsRequest, AwsResponse, EngineContext } from "../engine.ts";
import type { Bodies } from "./bodies.ts";
import type { Buckets } from "./buckets.ts";
import type { Notifier } from "./notifications.ts";
import type { Objects } from "./objects.ts";
import type { Uploads } from "./uploads.ts";

/** What the operations of S3 share. */
export interface S3Context extends EngineContext {
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly uploads: Uploads;
  readonly bodies: Bodies;
  readonly notifier: Notifier;
}

/** One operation; `key` is empty for those on buckets. */
export type S3Handler = (
  request: AwsRequest,
  target: { readonly bucket: string; readonly key: string },
) => AwsResponse | Promise<AwsResponse>;
