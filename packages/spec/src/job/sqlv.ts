import * as z from "zod";
import { choice, text } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import {
  batchSize,
  connId,
  csvFields,
  dialect,
  header,
  jinja,
  raw,
  timeout,
  transaction,
  vars,
} from "./parameter-fields.ts";

/** `sqlv`: runs SQL files with lava-sql. */
export const sqlv = defineJobType({
  type: "sqlv",
  summary: "Runs SQL files of the payload area with lava-sql, which knows more output formats.",
  payload: z
    .union([text, z.array(text).min(1)], { error: "expected a path, or a list of paths" })
    .describe("Path below s3_payloads of one file or prefix, or a list of them."),
  parameters: z.strictObject({
    batch_size: batchSize,
    conn_id: connId,
    ...csvFields("SQL"),
    dialect,
    format: choice(["csv", "jsonl", "html", "parquet"], (word) => `Bad format: ${word}`)
      .optional()
      .describe("Format of the output. Default: csv."),
    header,
    jinja,
    level: choice(["debug", "info", "warning", "error", "critical"], (word) => `Bad level: ${word}`)
      .optional()
      .describe("Messages of this level and above are printed. Default: info."),
    raw,
    timeout,
    transaction,
    vars,
  }),
});
