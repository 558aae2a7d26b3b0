import * as z from "zod";
import { actionSpec } from "../action/index.ts";
import { trackingFields } from "../own-fields.ts";
import { data, dataMap, duration, flag, text } from "../scalars.ts";
import { schedule } from "../schedule.ts";
import { extensionFields } from "./extension-fields.ts";

/** The globals of a job or trigger: their names may not start with `lava` (WK-042). */
export const globals = z.record(
  z.string().regex(/^(?!lava)/i, { error: 'names of globals may not start with "lava"' }),
  data,
);

/** The fields that jobs of all types have beside type, payload and parameters (WF-050..060, WK-040). */
export const jobFields = {
  job_id: text.describe("Id of the job, unique in the realm. It may have slashes."),
  worker: text.describe("Name of the worker that runs the job."),
  enabled: z
    .union([flag, text], { error: "expected true, false, or a template" })
    .optional()
    .describe(
      "Whether the job runs. A template is rendered when the job starts and must give true. Default: false.",
    ),
  description: text.optional().describe("What the job does, in a few words."),
  owner: text.optional().describe("Who answers for the job."),
  dispatcher: text.optional().describe("The dispatcher that dispatches the job by its schedule."),
  schedule: schedule
    .optional()
    .describe(
      "When the job is dispatched: five crontab fields, a map with crontab, from and to, or a list of these.",
    ),
  globals: globals
    .nullish()
    .describe(
      "Values for templates (`globals.x`), handed on to the jobs that this one runs or dispatches.",
    ),
  state: dataMap
    .optional()
    .describe(
      "State items to read when the job starts: state id to the value used when there is none.",
    ),
  event_log: data
    .optional()
    .describe("Anything to write into the run's events when it starts; rendered."),
  cw_metrics: flag
    .optional()
    .describe("Whether the job sends CloudWatch metrics. Default: CW_METRICS_JOB (false)."),
  iteration_limit: z
    .int()
    .min(1)
    .optional()
    .describe("How often the job is tried. Default: 1, cap: ITERATION_MAX_LIMIT (10)."),
  iteration_delay: duration
    .optional()
    .describe("How long it waits between tries. Default: 0, cap: ITERATION_MAX_DELAY (5m)."),
  max_run_delay: duration
    .optional()
    .describe("A run that starts later than this after its dispatch is rejected."),
  max_tries: z
    .int()
    .min(0)
    .optional()
    .describe(
      "How often a dispatch may be received (after a worker was lost) before it is rejected. 0: no limit of the job's own.",
    ),
  on_success: z
    .array(actionSpec)
    .optional()
    .describe(
      "Actions when the job succeeds. Default: the realm's; an empty list switches those off.",
    ),
  on_retry: z
    .array(actionSpec)
    .optional()
    .describe("Actions when a try fails and another follows. Default: the realm's."),
  on_fail: z
    .array(actionSpec)
    .optional()
    .describe("Actions when the job fails for good. Default: the realm's."),
  ...extensionFields,
  ...trackingFields,
};
