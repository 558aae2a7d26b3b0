import { fnmatch, LavaError } from "@lava/core";
import { type BadEntry, type HealthCheck, type HealthTables, TABLE_KEYS } from "./health-check.ts";
import { jobjinja } from "./job-templates.ts";
import {
  jobconns,
  joborphan,
  jobpayload,
  jobrefs,
  jobrepo,
  jobrsu,
  jobsched,
  jobworker,
  trigrefs,
  trigslash,
} from "./jobs.ts";
import { conmeta, jobmeta, trigmeta } from "./metadata.ts";
import { conschema, jobchk, jobschema, trigschema } from "./records.ts";
import { isSuppressed } from "./suppression.ts";

/** All checks of tables, in the order of their names. */
export const healthChecks: readonly HealthCheck[] = [
  conmeta,
  conschema,
  jobchk,
  jobconns,
  jobjinja,
  jobmeta,
  joborphan,
  jobpayload,
  jobrefs,
  jobrepo,
  jobrsu,
  jobsched,
  jobschema,
  jobworker,
  trigmeta,
  trigrefs,
  trigschema,
  trigslash,
];

/** What one check found. */
export interface HealthResult {
  readonly check: string;
  readonly description: string;
  /** Sorted by id. */
  readonly entries: readonly BadEntry[];
}

/**
 * Runs the checks whose names match a pattern, in the order of their names, each once (CLI-045).
 *
 * @throws {LavaError} NO_SUCH_CHECK for patterns that match none
 */
export async function runHealthChecks(
  patterns: readonly string[],
  tables: HealthTables,
  options: { readonly suppress?: boolean } = {},
): Promise<HealthResult[]> {
  const unknown = patterns.filter((pattern) =>
    healthChecks.every(({ name }) => !fnmatch(name, pattern)),
  );
  if (unknown.length > 0) {
    throw new LavaError("NO_SUCH_CHECK", `No matching check types: ${unknown.join(", ")}`, {
      hint: `Checks are ${healthChecks.map(({ name }) => name).join(", ")}.`,
    });
  }
  const results: HealthResult[] = [];
  for (const check of healthChecks) {
    if (!patterns.some((pattern) => fnmatch(check.name, pattern))) continue;
    const entries: BadEntry[] = [];
    for (const item of await tables[check.table]()) {
      if (options.suppress !== false && check.suppressible && isSuppressed(check.name, item))
        continue;
      const owner = typeof item["owner"] === "string" ? item["owner"] : undefined;
      const id = String(item[TABLE_KEYS[check.table]]);
      for (const details of await check.check(item, tables)) entries.push({ id, owner, details });
    }
    entries.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    results.push({ check: check.name, description: check.description, entries });
  }
  return results;
}
