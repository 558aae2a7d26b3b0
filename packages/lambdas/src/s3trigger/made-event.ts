import type { DataMap } from "@lava/core";

/** What an event that nobody sent should tell. */
export interface MadeEvent {
  readonly bucket: string;
  readonly key: string;
  /** Bytes; an event without a size, as those of deletions are, for null. */
  readonly size: number | null;
  /** `ObjectCreated:Put`; EventBridge's kinds have blanks: `Object Created:PutObject`, `Object Restore Completed`. */
  readonly type: string;
  readonly region: string;
  /** Milliseconds. */
  readonly time: number;
}

/**
 * The event by which S3 would tell of an object: a notification, or for a kind with a blank in it an event of EventBridge.
 * Neither has what names a real event, so that each is a run of its own.
 */
export function makeS3Event({ bucket, key, size, type, region, time }: MadeEvent): DataMap {
  const sized: DataMap = size === null ? {} : { size };
  // Whole seconds, as the original's own tool has it.
  const seconds = new Date(Math.floor(time / 1000) * 1000).toISOString();
  if (type.includes(" ")) {
    const [kind = type, reason] = type.split(":");
    return {
      version: "0",
      "detail-type": kind,
      source: "aws.s3",
      time: seconds.replace(".000Z", "Z"),
      region,
      resources: [`arn:aws:s3:::${bucket}`],
      detail: {
        version: "0",
        bucket: { name: bucket },
        object: { key, ...sized },
        ...(reason === undefined ? {} : { reason }),
      },
    };
  }
  return {
    Records: [
      {
        eventName: type,
        eventTime: seconds,
        eventSource: "aws:s3",
        awsRegion: region,
        s3: { bucket: { name: bucket }, object: { key: quotePlus(key), ...sized } },
      },
    ],
  };
}

/** Percent-encoding as Python's `quote_plus`. */
function quotePlus(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}
