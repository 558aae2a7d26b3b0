import { type DataMap, LavaError } from "@lava/core";
import type { JobParameters } from "@lava/spec";
import type { JobContext } from "../handler.ts";

/** The parameters of a source of values, as the spec's union has them. */
export type ForeachSource = JobParameters<"foreach">["foreach"];

/** A kind of source. */
export type ForeachType = ForeachSource["type"];

/** A field of any source. */
type ForeachField = ForeachSource extends infer S
  ? S extends unknown
    ? keyof S & string
    : never
  : never;

/** What a generator is given. */
export interface ForeachContext {
  readonly context: JobContext;
  /** Renders a field of the source, unless the job has `jinja: false`. */
  readonly render: (text: string, field: ForeachField) => string;
}

/** One source of values for a foreach: gives the globals of each iteration, one after the other. */
export interface ForeachGenerator<T extends ForeachType = ForeachType> {
  readonly type: T;
  /** Reads no further than it is asked to: a long source is cut off by the limit. */
  values(
    source: Extract<ForeachSource, { readonly type: T }>,
    context: ForeachContext,
  ): AsyncIterable<DataMap>;
}

/** A generator whose source is typed by its `type`. */
export function defineForeach<const T extends ForeachType>(
  generator: ForeachGenerator<T>,
): ForeachGenerator<T> {
  return generator;
}

/** Refuses names that belong to lava (JOB-foreach-11). @throws {LavaError} RESERVED_NAME */
export function checkNames(names: Iterable<string>): void {
  for (const name of names) {
    if (!name.toLowerCase().startsWith("lava")) continue;
    throw new LavaError("RESERVED_NAME", 'foreach field names may not start with "lava"', {
      retry: "never",
      hint: `Rename the field ${name}.`,
    });
  }
}
