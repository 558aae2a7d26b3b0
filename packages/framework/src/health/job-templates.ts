import { type Data, type DataMap, LavaError, isMap } from "@lava/core";
import { createRenderer, findUndefinedNames } from "@lava/render";
import type { HealthCheck } from "./health-check.ts";

/** Names that templates of jobs see, whatever their type (WK-131, WK-133). */
const NAMES = [
  "job",
  "realm",
  "start",
  "ustart",
  "state",
  "utils",
  "vars",
  "result",
  "bucket",
  "key",
  "schema",
  "relation",
  "parameters",
];
/** What a run adds to `globals`. */
const LAVA = [
  "master_job_id",
  "parent_job_id",
  "master_start",
  "master_ustart",
  "parent_start",
  "parent_ustart",
  "iteration",
  "foreach_index",
];

/**
 * What is wrong with the templates of a job: texts that are no templates, and names that no run will have, told by
 * their syntax, with nothing carried out (CLI-047).
 */
export function templateFaults(
  item: DataMap,
): { readonly path: readonly (string | number)[]; readonly message: string; isMember: boolean }[] {
  const parameters = item["parameters"] ?? {};
  if (!isDataMap(parameters))
    return [{ path: ["parameters"], message: "Parameters must be an object", isMember: false }];
  const globals = item["globals"] ?? {};
  const context = {
    ...Object.fromEntries(NAMES.map((name) => [name, UNKNOWN])),
    globals: {
      ...(isDataMap(globals) ? globals : {}),
      lava: Object.fromEntries(LAVA.map((name) => [name, UNKNOWN])),
    },
  };
  const renderer = createRenderer();
  return textsOf(item, []).flatMap(({ path, text }) => {
    try {
      renderer.check(text);
    } catch (error) {
      if (!(error instanceof LavaError)) throw error;
      return [{ path, message: error.message, isMember: false }];
    }
    return findUndefinedNames(text, context).map(({ message }) => {
      return { path, message, isMember: message.startsWith("'dict object'") };
    });
  });
}

/** A value of which nothing is known: any member of it may be there. */
const UNKNOWN: readonly unknown[] = [];

/** Texts with a mark in them, and where. */
function textsOf(
  value: Data,
  path: readonly (string | number)[],
): { path: readonly (string | number)[]; text: string }[] {
  if (typeof value === "string") return /\{[{%#]/.test(value) ? [{ path, text: value }] : [];
  if (Array.isArray(value))
    return value.flatMap((item: Data, index: number) => textsOf(item, [...path, index]));
  if (!isDataMap(value)) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    path.length === 0 && /^[xX]-/.test(name) ? [] : textsOf(item, [...path, name]),
  );
}

function isDataMap(value: Data): value is DataMap {
  return isMap(value);
}

export const jobjinja: HealthCheck = {
  name: "jobjinja",
  description: "Job specs with Jinja rendering issues.",
  table: "jobs",
  suppressible: true,
  check: async (item) => {
    const faults = templateFaults(item).map(({ message }) => message);
    const undeclared = faults.flatMap((text) => {
      const name = /^'dict object' has no attribute '(.*)'$/.exec(text)?.[1];
      return name === undefined ? [] : [name];
    });
    const others = faults.filter((text) => !text.startsWith("'dict object'"));
    const names = [...new Set(undeclared)].sort().join(", ");
    return [...new Set(others), ...(names === "" ? [] : [`Undeclared globals: ${names}`])];
  },
};
