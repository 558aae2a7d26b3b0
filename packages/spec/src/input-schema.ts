import { type DataMap, errorText, isMap } from "@lava/core";
import * as z from "zod";
import { dataMap } from "./scalars.ts";
import { toWireJson } from "./wire-json.ts";

/** A JSON Schema of a map, as people write it into a job. */
export const inputSchema = dataMap.superRefine((value, context) => {
  try {
    readInputSchema(value);
  } catch (error) {
    context.addIssue({
      code: "custom",
      message: `expected a JSON Schema (${errorText(error)})`,
      params: { code: "invalid_schema" },
    });
  }
});

/** The check that a JSON Schema stands for. What it has of numbers may be as DynamoDB has them. */
export function readInputSchema(schema: DataMap): z.ZodType {
  const plain: unknown = JSON.parse(toWireJson(schema));
  return z.fromJSONSchema(isMap(plain) ? plain : {});
}
