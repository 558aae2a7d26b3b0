import { fnmatch, LavaError } from "@lava/core";

/** Whether a component is one of those that were named: by path or id, as globs (FW-235). */
export interface Selection {
  /** Of a source of the project: `lava-jobs/a/*`, `lava-jobs/a.yaml`, `lava-payloads`. */
  matchesPath(source: string): boolean;
  matchesId(id: string): boolean;
  /** Whether a pattern may be meant for ids: it is the path of nothing. */
  needsIds(sources: readonly string[]): boolean;
}

/** The selection of `--only` patterns; undefined when all is meant. */
export function selectionOf(only: readonly string[] | undefined): Selection | undefined {
  if (only === undefined || only.length === 0) return undefined;
  const patterns = only.map((pattern) => pattern.replace(/^\.\//, "").replace(/\/+$/, ""));
  const isPath = (source: string, pattern: string): boolean =>
    fnmatch(source, pattern) || source.startsWith(`${pattern}/`);
  return {
    matchesPath: (source) => patterns.some((pattern) => isPath(source, pattern)),
    matchesId: (id) => patterns.some((pattern) => fnmatch(id, pattern)),
    needsIds: (sources) =>
      patterns.some((pattern) => !sources.some((source) => isPath(source, pattern))),
  };
}

/** The error when `--only` names nothing. */
export function nothingSelected(only: readonly string[]): LavaError {
  return new LavaError("NOTHING_SELECTED", `Nothing of this project is ${only.join(" or ")}`, {
    kind: "usage",
    hint: "Give paths (lava-jobs/load/*) or ids (app/etl/load*) with * for anything.",
  });
}
