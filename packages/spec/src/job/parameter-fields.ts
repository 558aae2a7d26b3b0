import { DecimalValue, FloatValue, isMap } from "@lava/core";
import * as z from "zod";
import { lenientRules } from "../lenient-rules.ts";
import {
  argument,
  choice,
  data,
  dataMap,
  duration,
  flag,
  pythonText,
  text,
  textOrList,
} from "../scalars.ts";

/** Extra names for templates. */
export const vars = z
  .record(z.string(), data)
  .register(lenientRules, { refusal: () => "vars must be a map/dict" })
  .default({})
  .describe("Names for the templates of this job: `vars.x`.");

/** Whether templates are rendered. */
export const jinja = flag.default(true).describe("Whether templates in this job are rendered.");

/** Arguments added to a command. */
export const args = z
  .array(argument)
  .default([])
  .describe("Arguments added to those in the payload; each is rendered on its own.");

/** Environment variables of the job's processes. */
export const env = z
  .record(
    z.string().regex(/^[^=\0]+$/, { error: "the name of an environment variable cannot hold =" }),
    z.string({ error: 'expected text: the original refuses other values here, so quote it: "1"' }),
  )
  .register(lenientRules, { read: readEnvironment })
  .default({})
  .describe("Environment variables for the job's processes; values are rendered.");

function readEnvironment(value: unknown): { value: unknown } | { fault: string } {
  if (value === null) return { value: {} };
  if (!isMap(value)) return { fault: "env must be a map/dict" };
  const result: Record<string, string> = {};
  for (const [name, item] of Object.entries(value)) {
    if (isMap(item) || Array.isArray(item) || item === null) {
      return { fault: `Bad environment variable: ${name}: expected text` };
    }
    result[name] = pythonText(item);
  }
  return { value: result };
}

/** Connections given to the job's processes. */
export const connections = z
  .record(
    z.string().regex(/^\w+$/, { error: "a connection label is made of letters, digits and _" }),
    text,
  )
  .register(lenientRules, { read: readConnections })
  .default({})
  .describe(
    "Connections for the job: label to connection id. The job finds the id in LAVA_CONNID_<LABEL> and a command that uses the connection in LAVA_CONN_<LABEL>.",
  );

function readConnections(value: unknown): { value: unknown } | { fault: string } {
  if (value === null) return { value: {} };
  if (!isMap(value)) return { fault: "connections parameter must be a map" };
  for (const [label, conn_id] of Object.entries(value)) {
    if (!/^[\p{L}\p{N}_]+$/u.test(label)) return { fault: `Bad connection label: ${label}` };
    if (typeof conn_id !== "string") {
      return { fault: `Connection ${label}: the connection id must be text` };
    }
  }
  return { value };
}

/** How long one process may run. */
export const timeout = duration
  .optional()
  .describe(
    "How long it may run before it is killed, such as 10m. The realm's configuration has the default.",
  );

/** A prefix of job ids. */
export const jobPrefix = z
  .string()
  .default("")
  .describe("Put before each job id of the payload (and before `start`).");

/** Which children may fail. */
export const canFail = textOrList
  .optional()
  .describe("Glob, or list of globs, of the ids (with prefix) of jobs that may fail.");

/** A connection to a database. */
export const connId = text.describe("Id of the connection to use.");

/** Rows fetched at a time (JOB-sql-02). */
export const batchSize = z
  .int()
  .min(1)
  .register(lenientRules, { read: readBatchSize })
  .optional()
  .describe("How many rows are fetched at a time. Default: SQL_BATCH_SIZE (1024).");

function readBatchSize(value: unknown): { value: unknown } | { fault: string } {
  const number =
    value instanceof DecimalValue || value instanceof FloatValue
      ? Math.trunc(Number(value instanceof FloatValue ? value.value : value.text))
      : typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value)
        ? Number(value)
        : typeof value === "number"
          ? Math.trunc(value)
          : Number.NaN;
  if (Number.isNaN(number)) {
    const shown = typeof value === "string" ? `'${value}'` : String(value);
    return { fault: `Bad batch_size: invalid literal for int() with base 10: ${shown}` };
  }
  return number < 1 ? { fault: "Bad batch_size: Must be >= 1" } : { value: number };
}

const character = z
  .string()
  .max(2, { error: "expected one character (an escape such as \\t counts as one)" });

/** How CSV output is written (JOB-sql-03); `prefix` names the configuration keys with the defaults. */
export function csvFields(prefix: "SQL" | "SP_LIST") {
  const badQuoting = prefix === "SQL" ? "Bad quoting style" : "Bad quoting atyle";
  return {
    delimiter: character
      .optional()
      .describe(`The character between fields. Default: ${prefix}_DELIMITER (|).`),
    doublequote: flag
      .optional()
      .describe(
        `Whether a quote in a field is doubled; otherwise it is escaped. Default: ${prefix}_DOUBLEQUOTE (false).`,
      ),
    escapechar: z
      .union([character, z.null()], { error: "expected one character, or null" })
      .optional()
      .describe(`The character that escapes others. Default: ${prefix}_ESCAPECHAR (none).`),
    quotechar: character
      .optional()
      .describe(`The character around quoted fields. Default: ${prefix}_QUOTECHAR (").`),
    quoting: choice(
      ["all", "minimal", "nonnumeric", "none", "notnull", "strings"],
      (word) => `${badQuoting}: ${word.toUpperCase()}`,
    )
      .optional()
      .describe(`Which fields are quoted. Default: ${prefix}_QUOTING (minimal).`),
  };
}

/** The family of CSV formats. */
export const dialect = z
  .string()
  .optional()
  .describe("CSV dialect: excel, excel-tab or unix. Default: SQL_DIALECT (excel).");

/** Whether column names are written. */
export const header = flag
  .default(false)
  .describe("Whether the first row of each output has the column names.");

/** Whether statements are split. */
export const raw = flag
  .default(false)
  .describe("Whether a payload is run as one statement, not split into statements.");

/** Whether all statements are one transaction. */
export const transaction = flag
  .default(false)
  .describe(
    "Whether all statements run in one transaction; otherwise each is committed by itself.",
  );

/** A file on the worker or in S3, for the file transfer types. */
export const transferFile = text.describe(
  "The file: an object (s3://bucket/key) or a file of the worker, under `basedir` unless absolute.",
);

/** Where relative file names start. */
export const basedir = text
  .optional()
  .describe("Directory that relative file names start from. Default: the run's own directory.");

/** Key for encryption of uploads. */
export const kmsKeyId = text
  .optional()
  .describe("KMS key for uploads to S3. Default: S3's own encryption (AES256).");

/** A map of values sent on. */
export const dispatchParameters = dataMap
  .optional()
  .describe("Parameters sent with the dispatch; rendered. They win over those of the job.");

/** How long a dispatch is delayed. */
export const dispatchDelay = duration
  .optional()
  .describe("How long the dispatch is held back, at most 15m.");
