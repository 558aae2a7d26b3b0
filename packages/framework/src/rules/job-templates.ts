import { templateFaults } from "../health/job-templates.ts";
import { isSuppressed } from "../health/suppression.ts";
import { dagNodes, jobReferencesOf } from "./job-graph.ts";
import { findingAt, type ProjectRule } from "./rule.ts";

/**
 * Templates for the worker that no run can render: bad syntax, names that will not be there (jobjinja). A job that
 * others start may get globals from them; `x-lava-nocheck: jobjinja` switches it off.
 */
export const jobTemplates: ProjectRule = {
  name: "job-templates",
  isThorough: true,
  check({ items }) {
    const started = new Set(
      items.flatMap((item) => [
        ...(dagNodes(item) ?? []).map(({ node }) => node),
        ...jobReferencesOf(item).map(({ job_id }) => job_id),
      ]),
    );
    return items.flatMap((item) => {
      if (item.kind !== "job" || isSuppressed("jobjinja", item.data)) return [];
      return templateFaults(item.data)
        .filter(({ isMember }) => !isMember || !started.has(item.id))
        .map(({ path, message }) =>
          findingAt(item, path, { severity: "warning", code: "job_template", message }),
        );
    });
  },
};
