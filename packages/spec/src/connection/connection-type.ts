import type * as z from "zod";

/** What is known of one connection type; its connector is in @lava/connectors. */
export interface ConnectionTypeDefinition<
  T extends string = string,
  Fields extends z.ZodObject = z.ZodObject,
> {
  readonly type: T;
  /** What it connects to, in a sentence. */
  readonly summary: string;
  /** Its fields beside those that all connections have. */
  readonly fields: Fields;
}

/** Defines a connection type; the file is named after it. */
export function defineConnectionType<const T extends string, Fields extends z.ZodObject>(
  definition: ConnectionTypeDefinition<T, Fields>,
): ConnectionTypeDefinition<T, Fields> {
  return definition;
}
