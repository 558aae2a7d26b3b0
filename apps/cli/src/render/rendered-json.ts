import { formatPath } from "@lava/core";
import type { RenderedField, RenderedJob } from "@lava/worker";

/** A rendered job as `--json` prints it. */
export function renderedJson(job: RenderedJob): Record<string, unknown> {
  return {
    job_id: job.job_id,
    type: job.type,
    run_id: job.run_id,
    context: job.context,
    templates: job.fields.map(fieldJson),
    issues: job.issues,
    children: job.children.map(renderedJson),
  };
}

function fieldJson(field: RenderedField): Record<string, unknown> {
  return {
    field: formatPath(field.path),
    method: field.method,
    names: field.names,
    template: field.template,
    ...(field.result === undefined ? {} : { result: field.result }),
    issues: field.issues,
  };
}
