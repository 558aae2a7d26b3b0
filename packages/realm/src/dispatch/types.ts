import type { DataMap } from "@lava/core";

/** A run to be dispatched. */
export interface DispatchRequest {
  readonly job_id: string;
  readonly parameters?: DataMap;
  readonly globals?: DataMap;
  /** Seconds or a duration, 0 to 15 minutes. */
  readonly delay?: number | string;
  /** The job's own worker when absent; with it the job is not looked up. */
  readonly worker?: string;
  /** A random one when absent. */
  readonly run_id?: string;
  /**
   * Milliseconds since the epoch by which the run must be over: it does not begin afterwards, and is stopped when it
   * still goes on. Kept in the run's item, which is made before the message is sent; Python workers do not see it.
   */
  readonly deadline?: number;
  /** Refuse a job that is not enabled (JOB_DISABLED); jobs and actions dispatch it all the same. */
  readonly requireEnabled?: boolean;
}

/** What was sent. */
export interface DispatchReceipt {
  readonly realm: string;
  readonly worker: string;
  readonly job_id: string;
  readonly run_id: string;
  readonly ts_dispatch: string;
  readonly message_id: string;
}
