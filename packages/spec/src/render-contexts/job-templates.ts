import { type JobParameters, type JobType, jobTypes } from "../job/index.ts";
import type { StoredJob } from "../stored/stored-job.ts";
import type { PathOf, TemplateField } from "./template-field.ts";

/** A field of a job of this type that may hold templates. */
export type JobTemplateField<T extends JobType> = TemplateField<
  "payload" | `parameters.${PathOf<JobParameters<T>>}`
>;

/** Fields of jobs of all types, rendered before the handler runs (WK-056, WK-057); `jinja: false` is not for them. */
export const everyJobTemplates: readonly TemplateField<keyof StoredJob>[] = [
  { field: "event_log", method: "json" },
  {
    field: "enabled",
    method: "text",
    note: "the job runs when it renders to `true`, blanks and case aside",
  },
];

const vars = ["vars"] as const;
const args = { field: "parameters.args", method: "arguments", names: vars } as const;
const env = { field: "parameters.env", method: "values", names: vars } as const;
const text = <const F extends string>(field: F) =>
  ({ field, method: "text", names: vars }) as const;

/** The fields of each job type that hold templates, in the order in which they are rendered (WK-133, T-39). */
export const jobTemplates: { readonly [T in JobType]: readonly JobTemplateField<T>[] } = {
  chain: [],
  cmd: [{ field: "payload", method: "words", names: vars }, args, env],
  dag: [],
  db_from_s3: [
    text("parameters.bucket"),
    text("parameters.key"),
    { field: "parameters.table", method: "text", names: ["vars", "bucket", "key"] },
    { field: "parameters.schema", method: "text", names: ["vars", "bucket", "key"] },
  ],
  dispatch: [{ field: "parameters.parameters", method: "json" }],
  docker: [
    {
      field: "parameters.command",
      method: "words",
      names: vars,
      note: "without a command `args` are not used",
    },
    args,
    env,
  ],
  exe: [{ field: "payload", method: "later-words", names: vars }, args, env],
  foreach: [
    { field: "parameters.foreach.filename", method: "text", note: "of `csv` and `jsonl`" },
    { field: "parameters.foreach.bucket", method: "text", note: "of `s3list`" },
    { field: "parameters.foreach.prefix", method: "text", note: "of `s3list`" },
  ],
  lavasched: [],
  log: [],
  pkg: [
    {
      field: "parameters.command",
      method: "later-words",
      names: vars,
      note: "or `main`, its old name",
    },
    args,
    env,
  ],
  redshift_unload: [
    { field: "parameters.where", method: "text", names: ["vars", "schema", "relation"] },
    {
      field: "parameters.prefix",
      method: "text",
      names: ["vars", "schema", "relation"],
      note: "or `key`, its old name",
    },
    {
      field: "parameters.args",
      method: "values",
      names: ["vars", "schema", "relation"],
      note: "of the options, `PARTITION` only; once for each relation",
    },
  ],
  sharepoint_get_doc: [
    text("parameters.path"),
    text("parameters.library"),
    text("parameters.file"),
  ],
  sharepoint_get_list: [text("parameters.list"), text("parameters.file")],
  sharepoint_get_multi_doc: [
    text("parameters.path"),
    text("parameters.library"),
    text("parameters.outpath"),
    text("parameters.glob"),
  ],
  sharepoint_put_doc: [
    text("parameters.path"),
    text("parameters.library"),
    text("parameters.title"),
    text("parameters.file"),
  ],
  sharepoint_put_list: [text("parameters.list"), text("parameters.file")],
  smb_get: [text("parameters.path"), text("parameters.file")],
  smb_put: [text("parameters.path"), text("parameters.file")],
  sql: [{ field: "payload", method: "file-statements", names: vars }],
  sqlc: [{ field: "payload", method: "files", names: vars }],
  sqli: [{ field: "payload", method: "statements", names: vars }],
  sqlv: [{ field: "payload", method: "files", names: vars }],
};

/** Whether jobs of this type have `jinja: false`, which leaves the fields of {@link jobTemplates} as they are. */
export function hasJinjaSwitch(type: JobType): boolean {
  const { parameters } = jobTypes[type];
  return "shape" in parameters && "jinja" in parameters.shape;
}
