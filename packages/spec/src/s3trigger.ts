import * as z from "zod";
import { globals } from "./job/job-fields.ts";
import { trackingFields } from "./own-fields.ts";
import { bucketName, dataMap, duration, flag, size, text, textOrList } from "./scalars.ts";

const globs = textOrList.optional();

/** An s3 trigger as people write it, before its `x-` fields of others are taken away (WF-068, TRIG-03). */
export const strictS3TriggerSpec = z.strictObject({
  trigger_id: text.describe("Id of the trigger, unique in the realm."),
  bucket: bucketName.describe("The bucket."),
  prefix: text
    .regex(/[^/]$/, {
      error:
        "a prefix may not end with a slash, or nothing will match (* stands for the whole bucket)",
    })
    .describe(
      "Path of the objects without a slash at the end: the whole key, or whole leading parts of it. * stands for the whole bucket.",
    ),
  job_id: z
    .union([text, z.array(text).min(1)], { error: "expected a job id, or a list of them" })
    .describe("Job, or list of jobs, to dispatch; rendered."),
  enabled: flag.optional().describe("Whether the trigger counts. Default: false."),
  description: text.optional().describe("What the trigger does, in a few words."),
  owner: text.optional().describe("Who answers for the trigger."),
  jinja: flag.optional().describe("Whether templates in this trigger are rendered. Default: true."),
  delay: duration.optional().describe("How long the dispatch is held back, at most 15m."),
  globals: globals.optional().describe("Globals sent with the dispatch; rendered."),
  parameters: dataMap.optional().describe("Parameters sent with the dispatch; rendered."),
  if_fnmatch: globs.describe("Only keys that match the glob, or one of them; * crosses /."),
  if_not_fnmatch: globs.describe("Not for keys that match the glob, or one of them."),
  if_size_gt: size.optional().describe("Only objects larger than this."),
  if_not_size_gt: size.optional().describe("Not for objects larger than this."),
  if_event_type: text
    .optional()
    .describe("Only events whose type matches the glob, such as ObjectCreated:*."),
  if_not_event_type: text.optional().describe("Not for events whose type matches the glob."),
  ...trackingFields,
});

/** An s3 trigger as people write it. */
export type S3TriggerSpec = z.input<typeof strictS3TriggerSpec>;
