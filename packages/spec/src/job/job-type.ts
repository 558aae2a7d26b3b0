import type * as z from "zod";

/** What is known of one job type; its handler is in @lava/worker. */
export interface JobTypeDefinition<
  T extends string = string,
  Payload extends z.ZodType = z.ZodType,
  Parameters extends z.ZodObject | z.ZodRecord = z.ZodObject | z.ZodRecord,
> {
  readonly type: T;
  /** What jobs of this type do, in a sentence. */
  readonly summary: string;
  /** What people write as `payload`. */
  readonly payload: Payload;
  /** What people write as `parameters`. */
  readonly parameters: Parameters;
}

/** Defines a job type; the file is named after it. */
export function defineJobType<
  const T extends string,
  Payload extends z.ZodType,
  Parameters extends z.ZodObject | z.ZodRecord,
>(
  definition: JobTypeDefinition<T, Payload, Parameters>,
): JobTypeDefinition<T, Payload, Parameters> {
  return definition;
}
