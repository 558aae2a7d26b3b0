import * as z from "zod";
import { lenientRules } from "../lenient-rules.ts";
import { dataMap, text, textOrList } from "../scalars.ts";

const fieldName = text.regex(/^(?!lava)/i, { error: 'names may not start with "lava"' });

const filename = text.describe("The file: of the worker, or s3://bucket/key; rendered.");

/** Where a foreach job takes its values from (JOB-foreach-05..10). */
export const foreachSource = z
  .discriminatedUnion("type", [
    z
      .strictObject({
        type: z.literal("inline").describe("Values written here."),
        values: z
          .array(dataMap)
          .register(lenientRules, { refusal: () => "values must be a sequence of objects" })
          .describe("List of maps; each becomes the globals of one run."),
      })
      .describe("Values written here."),
    z
      .strictObject({
        type: z.literal("range").describe("Whole numbers in steps."),
        start: z.int().default(0).describe("First number."),
        stop: z.int().describe("The numbers end before this one."),
        step: z.int().default(1).describe("Distance of the numbers."),
        name: fieldName
          .optional()
          .describe("Name of the global that gets the number. Default: none is set."),
      })
      .describe("Whole numbers in steps."),
    z
      .strictObject({
        type: z.literal("csv").describe("Rows of a CSV file."),
        filename,
      })
      .describe("Rows of a CSV file; the header row has the names of the globals."),
    z
      .strictObject({
        type: z.literal("jsonl").describe("Objects of a JSON lines file."),
        filename,
      })
      .describe("Objects of a file with one JSON object a line."),
    z
      .strictObject({
        type: z.literal("query").describe("Rows of a database query."),
        conn_id: text.describe("Id of the connection to the database."),
        query: text.describe("The query. Not rendered."),
      })
      .describe("Rows of a database query."),
    z
      .strictObject({
        type: z.literal("s3list").describe("Objects of a bucket."),
        bucket: text.describe("The bucket; rendered."),
        prefix: z.string().default("").describe("Prefix of the keys; rendered."),
        glob: textOrList
          .optional()
          .describe("Glob, or list of globs, that the whole key must match; * crosses /."),
      })
      .describe("Objects of a bucket, as the global `s3obj`."),
  ])
  .register(lenientRules, {
    refusal: (type) => `No foreach handler for type ${String(type)}`,
  })
  .describe("Where the values come from.");
