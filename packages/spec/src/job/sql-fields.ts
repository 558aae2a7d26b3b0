import * as z from "zod";
import { lenientRules } from "../lenient-rules.ts";
import { duration } from "../scalars.ts";
import {
  batchSize,
  connId,
  csvFields,
  dialect,
  header,
  jinja,
  raw,
  transaction,
  vars,
} from "./parameter-fields.ts";

const BAD_OUTPUT = "Bad output parameter: Must be alphanumeric";

/** Parameters of sql and sqli jobs (JOB-sql-01..08, 16). */
export const sqlParameters = z.strictObject({
  batch_size: batchSize,
  conn_id: connId,
  ...csvFields("SQL"),
  dialect,
  header,
  jinja,
  output: z
    .string()
    .regex(/^\w+$/, { error: "expected letters, digits and _ only" })
    .register(lenientRules, {
      read: (value) =>
        typeof value === "string" && /^[\p{L}\p{N}_]+$/u.test(value)
          ? { value }
          : value === "" || value === null
            ? { value: undefined }
            : { fault: BAD_OUTPUT },
    })
    .optional()
    .describe("Sub folder for the outputs, in the run's directory and in S3."),
  raw,
  timeout: duration
    .optional()
    .describe(
      "How long all statements together may take before they are stopped, at the server too. No limit by default; workers of version 8 refuse it.",
    ),
  transaction,
  vars,
});
