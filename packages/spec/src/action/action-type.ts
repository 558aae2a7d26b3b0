import type * as z from "zod";

/** What is known of one action; its handler is in @lava/worker. */
export interface ActionTypeDefinition<
  T extends string = string,
  Parameters extends z.ZodObject = z.ZodObject,
> {
  readonly type: T;
  /** What the action does, in a sentence. */
  readonly summary: string;
  /** Its fields beside `action`. */
  readonly parameters: Parameters;
  /** Whether the original refuses other fields at run time (ACT rows). */
  readonly closed: boolean;
}

/** Defines an action; the file is named after it. */
export function defineActionType<const T extends string, Parameters extends z.ZodObject>(
  definition: ActionTypeDefinition<T, Parameters>,
): ActionTypeDefinition<T, Parameters> {
  return definition;
}
