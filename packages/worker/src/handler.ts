import type { Clock, Data, DataMap, Logger } from "@lava/core";
import type { Fence, Realm } from "@lava/realm";
import type { JobParameters, JobType, RealmConfig, StoredJob, TemplateNames } from "@lava/spec";
import type { ContainerGuard } from "./container-guard.ts";
import type { OutputSinks } from "./output-sinks.ts";
import type { OutputCuts, WatchedFile } from "./output-watch.ts";
import type { ProcessOptions, ProcessResult } from "./process.ts";
import type { FieldRenderer, TemplateExtras } from "./templates/field-renderer.ts";

/**
 * The members of `globals.lava` (WF-080..084) as they travel: times are ISO text. Templates see them as datetimes.
 */
export interface LavaGlobals {
  readonly master_job_id: string;
  readonly parent_job_id: string;
  readonly master_start: string;
  readonly master_ustart: string;
  readonly parent_start: string;
  readonly parent_ustart: string;
  readonly iteration?: number;
  readonly foreach_index?: number;
}

/**
 * A job about to run: its record with the dispatch message laid over it (WF-090..095). `T` says which parameters
 * it carries; they were parsed by the schema of its type (JOB-all-01).
 */
export interface Job<T extends JobType = JobType> {
  readonly job_id: string;
  readonly run_id: string;
  readonly type: string;
  readonly realm: string;
  readonly worker: string;
  readonly owner: string;
  readonly payload: Data;
  readonly parameters: JobParameters<T>;
  /** Record and message merged, without `lava`. */
  readonly globals: DataMap;
  readonly lava: LavaGlobals;
  /** Defaults of the job with stored values in their place. */
  readonly state: DataMap;
  /** Epoch milliseconds. */
  readonly ts_dispatch: number;
  /** Epoch milliseconds, whole seconds. */
  readonly ts_start: number;
  /** The record as stored, for fields that no handler shares. */
  readonly record: StoredJob;
  /** Raw parameters, merged, as templates show them in `job.parameters`. */
  readonly rawParameters: DataMap;
}

/** What a handler gives back: `exit_status` 0, and what the event shows as `info` (WF-125..136). */
export interface JobResult {
  readonly exit_status: number;
  readonly [key: string]: unknown;
}

/** Extra names for one rendering (WK-133): those of the table of render contexts in @lava/spec. */
export type ExtraNames = TemplateExtras;

/** How a child of a chain, dag or foreach differs from its record (JOB-all-05..07). */
export interface ChildOptions {
  /** Laid over the globals of child and parent, later wins (JOB-foreach-12). */
  readonly globals?: DataMap;
  /** `globals.lava.foreach_index`. */
  readonly index?: number;
  /** Aborts this child alone; the parent's own signal always counts too. */
  readonly signal?: AbortSignal;
  /** Ends the thread name in logs: `worker-00_<lane>` (WK-017). */
  readonly lane?: string | number;
}

/** One dispatch made by a running job or its action. */
export interface ChildDispatch {
  readonly job_id: string;
  readonly parameters?: DataMap | undefined;
  /** Added to all globals of the sender (JOB-dispatch-08). */
  readonly globals?: DataMap | undefined;
  /** Seconds, 0 to 900. */
  readonly delay?: number | undefined;
  /**
   * Makes the run id repeatable: the same key of the same run gives the same run id, so that what is sent again
   * after a crash is the same run.
   */
  readonly key?: string | undefined;
}

/** A payload file brought from S3. */
export interface PayloadFile {
  /** Last part of the S3 key. */
  readonly name: string;
  /** Absolute local path. */
  readonly path: string;
}

/** Options of {@link JobContext.downloadPayload}. */
export interface PayloadDownload {
  /** One S3 prefix below `s3_payloads`, or a list of them. */
  readonly payload: Data;
  /** Largest size of one file, as the configuration writes it: `10M` (WK-094). */
  readonly maxSize: string;
}

/** All that a handler may reach; nothing is global. */
export interface JobContext extends FieldRenderer {
  readonly realm: Realm;
  readonly job: Job;
  readonly config: RealmConfig;
  readonly logger: Logger;
  /** Aborts when the run is cancelled, lost or given back. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** The job directory (WK-082): shared by a whole tree of children. */
  readonly tmpdir: string;
  /** The job and its ancestors, outermost first: a job that contains itself is refused (JOB-all-08). */
  readonly lineage: readonly string[];
  /** Attempt of this run, from 1. */
  readonly iteration: number;
  /** Who holds the run, and under which epoch: what marks things that outlive a worker. */
  readonly fence: Fence;
  /** Containers named here are removed when this worker dies. */
  readonly containers: ContainerGuard;
  /** Milliseconds between TERM and KILL. */
  readonly killGraceMs: number;
  readonly devMode: boolean;
  readonly sinks: OutputSinks;
  /** The worker's own environment, base of all job environments (WK-121). */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Base names of templates (WK-131). */
  readonly templateContext: TemplateNames;
  /** Variables of the job (WK-120..126), on top of the worker's environment. */
  environment(options: EnvironmentOptions): Promise<Record<string, string>>;
  runProcess(options: ProcessOptions): Promise<ProcessResult>;
  /**
   * Looks after files that a program appends to while it runs: their ends can be followed from elsewhere, and what
   * is longer than OUTPUT_MAX_SIZE loses its middle. Call what it gives once the program has ended.
   */
  watchOutput(files: readonly WatchedFile[]): () => Promise<OutputCuts>;
  downloadPayload(options: PayloadDownload): Promise<readonly PayloadFile[]>;
  /** Uploads a local file as `<s3_temp>/<job_id>/<run_id>/<name>`; undefined when it is empty (JOB-all-04). */
  uploadOutput(path: string, name: string): Promise<string | undefined>;
  /** The same for bytes or text at hand. */
  uploadText(text: string | Uint8Array, name: string): Promise<string | undefined>;
  /** A new private directory (mode 0700) in the job directory: `<prefix>XXXXXXXX<suffix>` (WK-084). */
  makeTempDir(prefix: string, suffix: string): Promise<string>;
  /** Runs a child to its end under this run's id; throws its failure (WK-067). A skipped child counts as success. */
  runChild(child: StoredJob, options?: ChildOptions): Promise<JobResult>;
  /** Queues another run with this job as its parent (WF-087). */
  dispatch(request: ChildDispatch): Promise<{ readonly run_id: string }>;
}

/** What {@link JobContext.environment} adds. */
export interface EnvironmentOptions {
  /** What it begins with: all that the worker has, or for containers its LAVA_ variables and the endpoint (WK-121). */
  readonly base?: "worker" | "container";
  /** The job's `env` parameter. */
  readonly env?: DataMap | undefined;
  /** The job's `connections` parameter: label to connection id (WK-126). */
  readonly connections?: Data | undefined;
  /** `jinja: false` leaves `env` unrendered. */
  readonly jinja?: boolean;
  readonly vars?: DataMap | undefined;
  /** Handler extras: LAVA_S3_TMP, LAVA_S3_PAYLOAD, PYTHONPATH... (WK-123, WK-124). */
  readonly extras?: Readonly<Record<string, string>>;
  /** Give the job a TMPDIR of its own (WK-083). */
  readonly privateTmpdir?: boolean;
}

/** One job type: its name in the spec and what running it means. */
export interface JobHandler<T extends JobType = JobType> {
  readonly type: T;
  /** Reads the parameters of a plug-in's own type; built-in types have schemas. Throws for bad ones. */
  readonly parseParameters?: (parameters: DataMap) => JobParameters<T>;
  /**
   * Whether a failure with `retry: "never"` ends the attempts. Built-in types go on, as the original does: their
   * events are those of a Python worker.
   */
  readonly heedsNever?: boolean;
  /**
   * Runs the job to its end. A failure is thrown: a LavaError whose `data` is the partial result (JOB-all-03).
   */
  run(job: Job<T>, context: JobContext): Promise<JobResult>;
}

/** A handler whose parameters are typed by its `type`. */
export function defineHandler<const T extends JobType>(handler: JobHandler<T>): JobHandler<T> {
  return handler;
}
