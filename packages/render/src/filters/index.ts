import type { FilterFunction } from "../interpreter/environment.ts";
import { numberFilters } from "./number.ts";
import { sequenceFilters } from "./sequence.ts";
import { textFilters } from "./text.ts";

/** Jinja's built-in filters. */
export const builtinFilters: ReadonlyMap<string, FilterFunction> = new Map([
  ...textFilters,
  ...numberFilters,
  ...sequenceFilters,
]);
