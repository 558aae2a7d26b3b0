import * as z from "zod";
import { actionSpec } from "./action/index.ts";
import { configMap } from "./config/config-map.ts";
import { trackingFields } from "./own-fields.ts";
import { positive, s3Location, text } from "./scalars.ts";
import { timeZone } from "./time-zone.ts";

/** How the workers of a node are started, by worker name; `_` is for all (OPS-080..086). */
const workers = z.record(
  text,
  z.strictObject({
    version: text.optional().describe("Version of lava. Default: the highest installed."),
    threads: positive.optional().describe("How many jobs run at a time. Default: 5."),
    workers: text
      .optional()
      .describe("Names of the workers of this node, with blanks between. Default: its own name."),
    daemons: positive.optional().describe("Worker processes to start. Default: 1."),
    env: z
      .record(
        z.string().regex(/^\w+$/, { error: "expected letters, digits and _ only" }),
        z.union([z.string(), z.number(), z.boolean()]),
      )
      .optional()
      .describe("Environment variables of the worker."),
  }),
);

/** A realm as people write it, before its `x-` fields of others are taken away (WF-040..046). */
export const strictRealmSpec = z.strictObject({
  realm: text
    .regex(/^[a-z][a-z0-9_]{1,30}$/, {
      error: "a realm's name begins with a small letter; small letters, digits and _ follow",
    })
    .describe("Name of the realm."),
  s3_payloads: s3Location.describe("Where payloads lie, s3://bucket/prefix."),
  s3_temp: s3Location
    .regex(/[^/]$/, { error: "a slash at the end would be doubled in every key" })
    .describe("Where outputs of runs go, s3://bucket/prefix without a slash at the end."),
  s3_key: text
    .optional()
    .describe("KMS key for objects written to S3: id, ARN or alias. Default: S3's own encryption."),
  config: configMap.optional().describe("Configuration of the realm's workers."),
  on_success: z.array(actionSpec).optional().describe("Actions for jobs that have no own list."),
  on_retry: z.array(actionSpec).optional().describe("Actions for jobs that have no own list."),
  on_fail: z.array(actionSpec).optional().describe("Actions for jobs that have no own list."),
  docker: text.optional().describe("Id of the docker connection for jobs that name none."),
  description: text.optional().describe("What the realm is for, in a few words."),
  owner: text.optional().describe("Who answers for the realm."),
  "x-workers": workers
    .optional()
    .describe("How the workers of a node are started, by worker name."),
  "x-lava-pools": z
    .record(text, z.int().min(1))
    .optional()
    .describe("Pools of slots that jobs share by x-lava-pool: name and number of slots."),
  "x-lava-zones": z
    .record(text, timeZone)
    .optional()
    .describe("Time zones of dispatchers, by name; * for all others."),
  "x-lava-eventbridge": z
    .strictObject({
      function: text.describe("ARN of the function dispatch."),
      role: text.describe("ARN of the role that may invoke it."),
      dead_letter: text
        .optional()
        .describe("ARN of the queue for calls that could not be made. Default: none."),
    })
    .optional()
    .describe("What EventBridge Scheduler calls for jobs of the dispatcher eventbridge."),
  ...trackingFields,
});

/** A realm as people write it. */
export type RealmSpec = z.input<typeof strictRealmSpec>;
