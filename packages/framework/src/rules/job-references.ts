import { suggest } from "@lava/core";
import { dagNodes, type JobReference, jobReferencesOf } from "./job-graph.ts";
import { findingAt, type ProjectRule } from "./rule.ts";

/**
 * Jobs that dags, chains, foreach and dispatches name: an error when the id is under this project's own prefix
 * and no spec makes it, silent otherwise, for other projects have jobs too (FW-217). A job may not name itself as
 * part of itself.
 */
export const jobReferences: ProjectRule = {
  name: "job-references",
  check({ items, environment, isComplete }) {
    if (!isComplete) return [];
    const own = new Set(items.flatMap(({ kind, id }) => (kind === "job" ? [id] : [])));
    const prefix = `${environment.prefix.job}/`;
    return items.flatMap((item) => {
      const nodes = dagNodes(item) ?? [];
      const named: JobReference[] = [
        ...nodes.map(({ node, path }) => ({ job_id: node, path })),
        ...nodes.flatMap(({ needs }) => needs),
        ...jobReferencesOf(item),
      ];
      const seen = new Set<string>();
      return named.flatMap(({ job_id, path }) => {
        if (seen.has(job_id) || own.has(job_id) || !job_id.startsWith(prefix)) return [];
        seen.add(job_id);
        const suggestion = suggest(job_id, own);
        return [
          findingAt(item, path, {
            severity: "error",
            code: "unknown_job",
            message: `${item.kind} ${item.id} names job ${job_id}, which this project does not have`,
            ...(suggestion === undefined ? {} : { suggestion }),
          }),
        ];
      });
    });
  },
};
