import * as z from "zod";
import { data } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { noPayload } from "./no-payload.ts";

/** `log`: logs its own specification. */
export const log = defineJobType({
  type: "log",
  summary: "Logs its own specification as it stands at run time; useful for tests.",
  payload: noPayload,
  parameters: z.record(z.string(), data).describe("Anything: it is only shown (JOB-log-01)."),
});
