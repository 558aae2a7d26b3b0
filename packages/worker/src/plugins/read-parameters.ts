import { DecimalValue, FloatValue, formatIssue, type Issue, isMap, LavaError } from "@lava/core";
import { issuesFromZod } from "@lava/spec";
import type * as z from "zod";

/**
 * Reads parameters by a plug-in's own schema; numbers are plain ones there.
 *
 * @param what begins the message: `Bad job parameters`
 * @throws {LavaError} BAD_JOB_PARAMETERS, BAD_ACTION_PARAMETERS with all issues
 */
export function readParameters<P extends z.ZodType>(
  schema: P,
  parameters: unknown,
  { code, what }: { readonly code: string; readonly what: string },
): z.output<P> {
  const data = plainNumbers(parameters);
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const issues: Issue[] = issuesFromZod(result.error, { data });
  const text = issues.map((issue) => formatIssue(issue)).join("; ");
  throw new LavaError(code, what === "" ? text : `${what}: ${text}`, { retry: "never", issues });
}

/** Numbers of DynamoDB and floats as numbers. */
function plainNumbers(value: unknown): unknown {
  if (value instanceof DecimalValue) return Number(value.text);
  if (value instanceof FloatValue) return value.value;
  if (Array.isArray(value)) return value.map(plainNumbers);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainNumbers(item)]));
}
