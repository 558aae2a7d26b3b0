import { type DataMap, errorText, formatIssue, type Issue, LavaError } from "@lava/core";
import { readInputSchema } from "./input-schema.ts";
import { issuesFromZod } from "./issues.ts";
import { parseJobExtensions } from "./job-extensions.ts";
import { isJobType } from "./job/index.ts";
import { parseJobParameters } from "./parse-parameters.ts";
import type { StoredJob } from "./stored/stored-job.ts";
import { toWireJson } from "./wire-json.ts";

/** What a run is sent. */
export interface DispatchInput {
  readonly parameters?: DataMap | undefined;
  readonly globals?: DataMap | undefined;
}

/**
 * Checks what a run is to be sent before it is sent: laid over the job's own, as the worker does it, against the
 * parameters of the job's type, and against the job's `x-lava-schema` where it has one. Types of plugins are
 * known to their workers only.
 *
 * @throws {LavaError} BAD_DISPATCH_INPUT with all faults
 */
export function checkDispatchInput(job: StoredJob, input: DispatchInput): void {
  const { "x-lava-schema": schema } = parseJobExtensions(job.raw);
  const issues: Issue[] = [
    ...typeIssues(job, input.parameters),
    ...schemaIssues("parameters", schema?.parameters, { ...job.parameters, ...input.parameters }),
    ...schemaIssues("globals", schema?.globals, { ...job.globals, ...input.globals }),
  ];
  const [first] = issues;
  if (first === undefined) return;
  throw new LavaError(
    "BAD_DISPATCH_INPUT",
    `Job ${job.job_id} cannot be sent this: ` +
      (issues.length === 1 ? formatIssue(first) : `${issues.length} faults`),
    {
      kind: "usage",
      retry: "never",
      hint:
        schema === undefined
          ? `The guide lists what the parameters of a ${job.type} job may be.`
          : "The job says in `x-lava-schema` what it can be sent.",
      ...(issues.length === 1 ? {} : { issues }),
    },
  );
}

/** What the worker would say, but only of what is sent: a job without a fault of its own is no concern of the sender. */
function typeIssues(job: StoredJob, sent: DataMap | undefined): Issue[] {
  if (sent === undefined || !isJobType(job.type)) return [];
  try {
    parseJobParameters(job.type, { ...job.parameters, ...sent });
    return [];
  } catch (error) {
    const message = errorText(error);
    // It may be a plugin's.
    if (message.startsWith("No foreach handler")) return [];
    return [{ path: ["parameters"], code: "invalid_parameters", message }];
  }
}

function schemaIssues(
  name: "parameters" | "globals",
  schema: DataMap | undefined,
  value: DataMap,
): Issue[] {
  if (schema === undefined) return [];
  const check = readInputSchema(schema);
  // A schema knows numbers, not their kinds.
  const plain: unknown = JSON.parse(toWireJson(value));
  const result = check.safeParse(plain);
  if (result.success) return [];
  return issuesFromZod(result.error, { schema: check, data: plain }).map((issue) => ({
    ...issue,
    path: [name, ...issue.path],
  }));
}
