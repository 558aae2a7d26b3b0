import type { Data } from "@lava/core";
import type { ObjectStore } from "./types.ts";

/** A payload file on this machine. */
export interface PayloadFile {
  /** Name of the file, without folders. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  /** `s3://bucket/key` it came from. */
  readonly uri: string;
}

/** Options of {@link PayloadStore.download}. */
export interface DownloadOptions {
  /** Bytes for each file, or a size like `10M` (WK-094). */
  readonly maxSize?: number | string;
  /** PAYLOAD_DOWNLOADER of the realm by default (WK-090). */
  readonly version?: string;
  /** Prefer the object that is named exactly so (WK-097). */
  readonly exact?: boolean;
  readonly signal?: AbortSignal;
}

/** The payload area of a realm, `s3_payloads`. */
export interface PayloadStore extends ObjectStore {
  /**
   * Fetches a job's payload (a text or a list of texts) into `folder`, as the original does (WK-090 to WK-097);
   * the files are in the order in which they are to be run.
   */
  download(payload: Data, folder: string, options?: DownloadOptions): Promise<PayloadFile[]>;
}
