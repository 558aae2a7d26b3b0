import * as z from "zod";
import { argument, textOrList } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { noPayload } from "./no-payload.ts";

/** `lavasched`: writes the crontab entries of one or more dispatchers. */
export const lavasched = defineJobType({
  type: "lavasched",
  summary:
    "Writes the crontab entries that dispatch the scheduled jobs of one or more dispatchers.",
  payload: noPayload,
  parameters: z.strictObject({
    dispatcher: textOrList.describe("The dispatcher, or a list of them."),
    args: z
      .array(argument)
      .default([])
      .describe("Options added to lava-dispatcher in each entry, such as --check-dispatch."),
    env: z
      .record(z.string(), argument)
      .default({})
      .describe("Variables at the head of the entries, such as CRON_TZ. LAVA_REALM is always set."),
  }),
});
