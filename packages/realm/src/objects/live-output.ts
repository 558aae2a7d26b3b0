import { isMap } from "@lava/core";
import type { RunKey } from "../events/types.ts";
import type { ObjectStore } from "./types.ts";

/**
 * The end of an output of a run that goes on. It lies beside the runs' own areas, below `lava-live/`, so that the
 * keys of outputs stay as they are (WF-150 onward) and an object of a run is never half of one; it is put again and
 * again, and expires with everything else in the temp area.
 */
export interface LiveOutput {
  /** Where `content` begins in the whole output, bytes. */
  readonly offset: number;
  /** The last bytes that there were. */
  readonly content: Uint8Array;
}

/** Live outputs of one temp area. */
export interface LiveOutputs {
  put(run: RunKey, name: string, output: LiveOutput): Promise<void>;
  /** Undefined when there is none, or none that can be read. */
  get(run: RunKey, name: string): Promise<LiveOutput | undefined>;
  /** Names of the outputs that a run has shown so far. */
  list(run: RunKey): Promise<string[]>;
}

/** Live outputs below `objects`; each object is a line of JSON and the bytes. */
export function openLiveOutputs(objects: ObjectStore): LiveOutputs {
  const base = (run: RunKey): string => `lava-live/${run.job_id}/${run.run_id}/`;
  return {
    async put(run, name, { offset, content }) {
      const head = Buffer.from(`${JSON.stringify({ offset })}\n`);
      await objects.put(base(run) + name, Buffer.concat([head, content]));
    },
    async get(run, name) {
      const object = await objects.get(base(run) + name);
      const end = object?.indexOf(0x0a) ?? -1;
      if (object === undefined || end < 0) return undefined;
      const offset = offsetOf(Buffer.from(object.subarray(0, end)).toString());
      return offset === undefined ? undefined : { offset, content: object.subarray(end + 1) };
    },
    async list(run) {
      const start = base(run);
      return (await objects.list(start)).map(({ name }) => name.slice(start.length));
    },
  };
}

function offsetOf(line: string): number | undefined {
  try {
    const head: unknown = JSON.parse(line);
    return isMap(head) && typeof head["offset"] === "number" ? head["offset"] : undefined;
  } catch {
    return undefined;
  }
}
