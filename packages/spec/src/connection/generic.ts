import * as z from "zod";
import { text } from "../scalars.ts";
import { defineConnectionType } from "./connection-type.ts";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: "expected text, a number, true or false",
});

const attribute = z
  .union(
    [
      scalar,
      z.strictObject({
        type: z.literal("local").optional().describe("The value is written here."),
        value: scalar.describe("The value."),
      }),
      z.strictObject({
        type: z.literal("ssm").describe("The value is kept in SSM."),
        parameter: text.describe("Name of the SSM parameter."),
      }),
    ],
    { error: "expected a value, {value: ...} or {type: ssm, parameter: ...}" },
  )
  .describe("A value, {type: local, value} or {type: ssm, parameter}.");

/** `generic`: any named values. */
export const generic = defineConnectionType({
  type: "generic",
  summary: "Named values for jobs: addresses, settings, secrets.",
  fields: z.strictObject({
    attributes: z
      .record(
        z.string().regex(/^[A-Za-z][\w-]*$/, {
          error: "names begin with a letter and go on with letters, digits, _ and -",
        }),
        attribute,
      )
      .describe("The values by name."),
  }),
});
