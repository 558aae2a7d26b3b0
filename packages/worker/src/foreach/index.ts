import { type DataMap, LavaError } from "@lava/core";
import { csv } from "./csv.ts";
import type { ForeachContext, ForeachGenerator, ForeachSource, ForeachType } from "./generator.ts";
import { inline } from "./inline.ts";
import { jsonl } from "./jsonl.ts";
import { range } from "./range.ts";

/** The sources of values that this worker knows, by name; `query` and `s3list` come with their connectors. */
export const foreachGenerators = { csv, inline, jsonl, range } as const satisfies {
  readonly [T in ForeachType]?: ForeachGenerator<T>;
};

/**
 * The values of a source.
 *
 * @throws {LavaError} FOREACH_NOT_AVAILABLE
 */
export function foreachValues(
  source: ForeachSource,
  context: ForeachContext,
): AsyncIterable<DataMap> {
  switch (source.type) {
    case "csv":
      return csv.values(source, context);
    case "inline":
      return inline.values(source, context);
    case "jsonl":
      return jsonl.values(source, context);
    case "range":
      return range.values(source, context);
    case "query":
    case "s3list":
    default:
      throw new LavaError("FOREACH_NOT_AVAILABLE", `No foreach handler for type ${source.type}`, {
        retry: "never",
        hint: `This version knows these: ${Object.keys(foreachGenerators).join(", ")}.`,
      });
  }
}
