import type { Data } from "@lava/core";

/** How the value of a state item is encoded (WF-146..148). */
export type StateType = "json" | "raw" | "secure";

/** A state item with its value decoded. */
export interface StateItem {
  readonly state_id: string;
  readonly type: StateType;
  readonly value: Data;
  readonly timestamp: string;
  /** Epoch seconds. */
  readonly ttl: number;
  readonly publisher?: string;
}

/** Options of {@link StateStore.put}. */
export interface PutStateOptions {
  /** `json` by default. */
  readonly type?: StateType;
  /** Seconds or duration; STATE_TTL by default, at most STATE_MAX_TTL (STATE-02). */
  readonly ttl?: number | string;
  readonly publisher?: string;
  /** Key of a `secure` value; `alias/lava-<realm>-sys` by default. */
  readonly kms_key?: string;
  /** Compare and set (STATE-06): the timestamp of the item that was read, null when there was none. */
  readonly expected?: string | null;
}

/** The state table. */
export interface StateStore {
  /** The item, strongly consistent; undefined when missing or expired (STATE-03). */
  get(state_id: string): Promise<StateItem | undefined>;
  put(state_id: string, value: Data, options?: PutStateOptions): Promise<StateItem>;
  /** Items whose id begins with `prefix`, sorted; `secure` values are left null, not decrypted. */
  list(prefix?: string): Promise<StateItem[]>;
  /** False when there was none. */
  delete(state_id: string): Promise<boolean>;
}
