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

/** A run that an application or a person dispatches. */
export interface SendRequest {
  readonly job_id: string;
  /** Laid over the job's, and checked before anything is sent. */
  readonly parameters?: DataMap;
  readonly globals?: DataMap;
  /** Seconds or a duration, up to 30 days. What a queue cannot hold back (15 minutes) is kept for the scheduler. */
  readonly delay?: number | string;
  /** The job's own when absent; with it the job need not be there, and is not checked then. */
  readonly worker?: string;
  /**
   * The same key of the same job is the same run, for as long as runs are kept (EVENT_TTL): who sends it again is
   * told of the first one (`repeated`).
   */
  readonly key?: string;
  /** As {@link DispatchRequest.deadline}. */
  readonly deadline?: number;
  /** Whether a job that is not enabled is refused (JOB_DISABLED); true by default. */
  readonly requireEnabled?: boolean;
}

/** The run that a {@link SendRequest} is. */
export interface Sent {
  readonly realm: string;
  readonly worker: string;
  readonly job_id: string;
  readonly run_id: string;
  /** Whether the run was sent before, with the same key. */
  readonly repeated: boolean;
  /** ISO 8601: when its message is to be received; undefined for now. */
  readonly due: string | undefined;
}
