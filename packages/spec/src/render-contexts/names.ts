import type { Data, DataMap } from "@lava/core";
import type { JobParameters } from "../job/index.ts";
import type { RealmRecord } from "../stored/realm-record.ts";
import type { StoredJob } from "../stored/stored-job.ts";

/** `globals.lava` as templates see it (WK-136): times are datetimes. */
export interface LavaNames<Time> {
  readonly master_job_id: string;
  readonly parent_job_id: string;
  readonly master_start: Time;
  readonly master_ustart: Time;
  readonly parent_start: Time;
  readonly parent_ustart: Time;
  /** Attempt of the run. */
  readonly iteration?: number;
  /** Under a foreach only. */
  readonly foreach_index?: number;
}

/** `globals` as templates see them: those of record and dispatch, with `lava` (WF-093, WF-094). */
export type GlobalNames<Time> = Attributes & { readonly lava: LavaNames<Time> };

/** `job`: the record with the dispatch laid over it (WF-090..095). */
export type JobNames<Time> = Attributes & AddedJobNames<Time>;

/** Whatever else a record has. */
type Attributes = { readonly [name: string]: unknown };

/** What a running job has beside the attributes of its record. */
export interface AddedJobNames<Time> {
  readonly run_id: string;
  readonly realm: string;
  readonly owner: StoredJob["owner"];
  readonly ts_dispatch: Time;
  readonly ts_start: Time;
  readonly ts_ustart: Time;
  readonly parameters: DataMap;
  readonly globals: GlobalNames<Time>;
  readonly state: StoredJob["state"];
}

/** The names that every template of a job and of its actions sees (WK-131). `Time` is a datetime. */
export interface TemplateNames<Time = unknown> {
  readonly job: JobNames<Time>;
  readonly realm: RealmRecord["raw"];
  readonly globals: GlobalNames<Time>;
  readonly start: Time;
  readonly ustart: Time;
  readonly state: DataMap;
  readonly utils: unknown;
}

/**
 * Names that only some templates see (WK-133): the table says which. A plug-in with names of its own adds them by
 * declaration merging.
 */
export interface ExtraNames {
  readonly vars: JobParameters<"cmd">["vars"];
  readonly result: Readonly<Record<string, unknown>>;
  readonly bucket: JobParameters<"db_from_s3">["bucket"];
  readonly key: JobParameters<"db_from_s3">["key"];
  readonly schema: JobParameters<"redshift_unload">["schema"];
  readonly relation: string;
}

/** The names that templates of an s3 trigger see (TRIG-07). */
export interface TriggerNames<Time = unknown> {
  readonly bucket: string;
  readonly key: string;
  readonly event: Data;
  readonly info: {
    readonly bucket: string;
    readonly key: string;
    readonly size: number;
    readonly source_ip: string;
    readonly event_time: Time;
    readonly event_type: string;
    readonly aws_region: string;
  };
  readonly utils: unknown;
}

/** The names that every template of a build sees beside the keys of `config/<env>.yaml` (FW-063..079). */
export interface BuildNames {
  readonly env: string;
  readonly lava: {
    /** The realm's record; absent where it was never read. */
    readonly realm?: RealmRecord["raw"];
    readonly aws: unknown;
    readonly dag: unknown;
  };
  readonly jinja: {
    readonly ctime: string;
    readonly utc_ctime: string;
    readonly datetime: string;
    readonly utc_datetime: string;
    readonly iso_datetime: string;
    readonly prog: string;
    readonly user: string;
    readonly templates: readonly string[];
  };
  readonly environ: Readonly<Record<string, string>>;
}

/** The names that the template CONN_APP_NAME of the configuration sees (CON-all-12). */
export interface ConnectionNames {
  readonly realm: string;
  readonly job_id: string;
  readonly conn_id: string;
}

/** What each name is, for people. */
export const templateNames: Readonly<Record<keyof TemplateNames, string>> = {
  job: "the job as it runs: its record with the dispatch laid over it, `run_id`, `realm`, `ts_dispatch`, `ts_start`, `ts_ustart`, `state`",
  realm: "the realm's record",
  globals:
    "globals of job and dispatch; `globals.lava` has `master_job_id`, `parent_job_id`, `master_start`, `parent_start` (and `_ustart` in UTC), `iteration`, in a foreach `foreach_index`",
  start: "when the run started: a datetime in the worker's zone, whole seconds",
  ustart: "the same in UTC",
  state: "the job's state items: stored values, else the defaults of the job",
  utils:
    "`date`, `datetime`, `time`, `timedelta`, `timezone`, `dateutil`, `parsedate`, `path`, `re`, `s3bucket`, `s3key`, `uuid`",
};

/** What each extra name is, for people. */
export const extraNames: Readonly<Record<keyof ExtraNames, string>> = {
  vars: "`parameters.vars`",
  result:
    "what the handler gave on success; `error` and `error_data` on failure and between attempts",
  bucket: "the rendered `parameters.bucket`",
  key: "the rendered `parameters.key`",
  schema: "`parameters.schema`",
  relation: "the relation that is being unloaded",
};

/** What each name of a trigger's templates is, for people. */
export const triggerNames: Readonly<Record<keyof TriggerNames, string>> = {
  bucket: "bucket of the object",
  key: "key of the object, decoded",
  event: "the S3 event record as it came",
  info: "`bucket`, `key`, `size`, `source_ip`, `event_time` (a datetime), `event_type`, `aws_region`",
  utils: "as in jobs",
};

/** What each name of the build is, for people. */
export const buildNames: Readonly<Record<keyof BuildNames, string>> = {
  env: "name of the environment",
  lava: "`lava.realm`: the realm's record; `lava.aws`: `account`, `region`, `user`, `ecr_uri`, `arn(service, resource)`; `lava.dag(source, ...)`: a dag from a table of dependencies",
  jinja:
    "`templates` (the file being rendered, relative to its component folder, first), `ctime`, `datetime`, `utc_ctime`, `utc_datetime`, `iso_datetime`, `prog`, `user`",
  environ: "environment variables of the build",
};

/** What each name of CONN_APP_NAME is, for people. */
export const connectionNames: Readonly<Record<keyof ConnectionNames, string>> = {
  realm: "name of the realm",
  job_id: "id of the job",
  conn_id: "id of the connection",
};
