import type { DataMap } from "@lava/core";
import type { RunKey } from "../events/types.ts";

/** A run that is to be repeated, as a new run of the same job. */
export interface RerunRequest extends RunKey {
  /** Leave out the children of a chain, dag or foreach that were complete. */
  readonly fromFailed?: boolean;
  /** Run these children only: job ids, or numbers of iterations of a foreach. */
  readonly only?: readonly string[];
  /** Laid over what the old run was sent, maps into each other. */
  readonly parameters?: DataMap;
  readonly globals?: DataMap;
  /** Refuse a job that is not enabled (JOB_DISABLED). */
  readonly requireEnabled?: boolean;
}

/** What a new run is to do: `x_plan` of its item, written before its message is sent. */
export interface RunPlan {
  /** The run that it repeats. */
  readonly of: string;
  /** Runs whose complete children are left out, earlier ones first. */
  readonly done: readonly string[];
  /** The only children to run; undefined for all. */
  readonly only: readonly string[] | undefined;
}
