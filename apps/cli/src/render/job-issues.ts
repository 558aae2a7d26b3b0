import type { Issue } from "@lava/core";
import type { StoredJob } from "@lava/spec";
import type { RenderedJob } from "@lava/worker";
import type { JobSource } from "./job-source.ts";

/** A fault of a template of a job. */
export interface JobIssue extends Issue {
  readonly job_id: string;
  readonly severity: "error";
}

/**
 * All faults of jobs and their children, once each, with the places in the project's files where these are known.
 * A child of a foreach whose values are known only at run time is not judged.
 */
export function issuesOfJobs(jobs: readonly RenderedJob[], source: JobSource): JobIssue[] {
  const found = new Map<string, JobIssue>();
  const walk = (job: RenderedJob): void => {
    if (!job.hasUnknownValues) {
      const own = job.issues.filter(({ code }) => source.isComplete || code !== "bad_child");
      for (const issue of [...job.fields.flatMap(({ issues }) => issues), ...own]) {
        const placed = placeOf(job.job_id, issue, source);
        found.set(JSON.stringify(placed), placed);
      }
    }
    for (const child of job.children) walk(child);
  };
  for (const job of jobs) walk(job);
  return [...found.values()];
}

/**
 * Of all jobs, those that start by themselves: a job that another one runs gets names from it, and is judged there,
 * unless it has a schedule too.
 */
export function rootsOf(
  jobs: readonly RenderedJob[],
  records: readonly StoredJob[],
): readonly RenderedJob[] {
  const below = new Set<string>();
  const note = ({ children }: RenderedJob): void => {
    for (const child of children) {
      below.add(child.job_id);
      note(child);
    }
  };
  for (const job of jobs) note(job);
  const scheduled = new Set(
    records.filter(({ schedule }) => schedule !== undefined).map(({ job_id }) => job_id),
  );
  return jobs.filter(({ job_id }) => scheduled.has(job_id) || !below.has(job_id));
}

function placeOf(job_id: string, issue: Issue, source: JobSource): JobIssue {
  const base = { ...issue, job_id, severity: "error" as const };
  if (issue.file !== undefined) return base;
  const at = source.locate(job_id, issue.path);
  if (at?.file === undefined) return base;
  const { line, column, ...rest } = base;
  const inField =
    line === undefined
      ? ""
      : ` (line ${line}${column === undefined ? "" : `, column ${column}`} of the field)`;
  return { ...rest, ...at, message: `${issue.message}${inField}` };
}
