import type { RunKey } from "../events/types.ts";
import type { LiveOutputs } from "./live-output.ts";
import type { ObjectSource, ObjectStore, StoredObject } from "./types.ts";

/** The temp area of a realm, `s3_temp`: outputs of runs (WF-150 onward). */
export interface TempStore extends ObjectStore {
  /** What runs that go on have printed so far. */
  readonly live: LiveOutputs;
  /** `s3://.../<job_id>/<run_id>`: LAVA_S3_TMP of a run. */
  runUri(run: RunKey): string;
  /** Stores an output and returns its URI. */
  putOutput(run: RunKey, name: string, source: ObjectSource): Promise<string>;
  /** Outputs of a run; names are relative to it. */
  listOutputs(run: RunKey): Promise<StoredObject[]>;
  /** One output from a byte on, piece by piece; undefined when there is none. */
  streamOutput(
    run: RunKey,
    name: string,
    from?: number,
  ): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** One output; undefined when there is none. */
  getOutput(run: RunKey, name: string): Promise<Uint8Array | undefined>;
}
