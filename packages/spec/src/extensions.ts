import type * as z from "zod";

/** What plug-ins add to specs: schemas by the names that people write. */
export interface SpecExtensions {
  readonly jobs: Readonly<
    Record<string, { readonly parameters: z.ZodType; readonly payload?: z.ZodType }>
  >;
  /** Fields of an action beside `action`. */
  readonly actions: Readonly<Record<string, z.ZodType>>;
  /** Fields of `parameters.foreach` beside `type`. */
  readonly generators: Readonly<Record<string, z.ZodType>>;
  /** Fields of a connection beside those that every connection has. */
  readonly connections: Readonly<Record<string, z.ZodType>>;
}
