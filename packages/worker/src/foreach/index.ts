import type { DataMap } from "@lava/core";
import { csv } from "./csv.ts";
import type { ForeachContext, ForeachGenerator, ForeachSource, ForeachType } from "./generator.ts";
import { inline } from "./inline.ts";
import { jsonl } from "./jsonl.ts";
import { query } from "./query.ts";
import { range } from "./range.ts";
import { s3list } from "./s3list.ts";

/** The sources of values, by name. */
export const foreachGenerators = { csv, inline, jsonl, query, range, s3list } as const satisfies {
  readonly [T in ForeachType]: ForeachGenerator<T>;
};

/** The values of a source. */
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
      return query.values(source, context);
    case "s3list":
      return s3list.values(source, context);
  }
}
