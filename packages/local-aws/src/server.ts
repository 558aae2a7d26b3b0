import type { Logger } from "@lava/core";

/** How to start; all of it is optional. */
export interface LocalAwsOptions {
  /** 0 (default) takes a free one. */
  readonly port?: number;
  /** Keeps data here over restarts; without it they end with the process. */
  readonly dataDir?: string;
  /** Default `local`. */
  readonly region?: string;
  /** Twelve digits; default `000000000000`. */
  readonly accountId?: string;
  /** Made at random, and kept in `dataDir` with mode 0600, when absent. */
  readonly credentials?: Credentials;
  readonly logger?: Logger;
}

/** An access key. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A running endpoint; stops when disposed of. */
export interface LocalAws extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  readonly port: number;
  readonly region: string;
  readonly accountId: string;
  readonly credentials: Credentials;
  /** What AWS clients of child processes need. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts the endpoint on 127.0.0.1. */
export async function startLocalAws(_options: LocalAwsOptions = {}): Promise<LocalAws> {
  throw new Error("comes with the next commit");
}
