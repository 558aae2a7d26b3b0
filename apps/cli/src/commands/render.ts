import { type Data, type DataMap, formatIssue, LavaError } from "@lava/core";
import { collect, parseAssignments } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine, styles } from "../output.ts";
import { addRealmOptions } from "../realm-access.ts";
import { issuesOfJobs, rootsOf } from "../render/job-issues.ts";
import {
  findJobs,
  type JobSource,
  type JobSourceOptions,
  withJobSource,
} from "../render/job-source.ts";
import { printJob } from "../render/print-job.ts";
import { renderedJson } from "../render/rendered-json.ts";
import { EXIT } from "../report-error.ts";

interface RenderOptions extends JobSourceOptions {
  readonly at?: string;
  readonly param?: string[];
  readonly global?: string[];
  readonly state?: string[];
  readonly parameters?: string;
  readonly globals?: string;
  readonly states?: string;
  readonly result?: string;
  readonly children: boolean;
  readonly check?: boolean;
  readonly json?: boolean;
}

/** `lava render`. */
export const registerRender: Register = (program, context) => {
  addRealmOptions(
    program
      .command("render")
      .description(
        "show what every template of a job renders to, and from which names; nothing runs",
      )
      .argument("[job...]", "job ids (with --check: all jobs when left out)")
      .option("-e, --env <name>", "jobs of the project, built for this environment in memory")
      .option("--at <time>", "when the run starts, ISO 8601 (default: now)")
      .option(
        "-p, --param <name=value>",
        "a parameter, laid over the job's; a.b=value nests (repeatable)",
        collect,
      )
      .option("-g, --global <name=value>", "a global, likewise (repeatable)", collect)
      .option("-s, --state <id=value>", "a state item's value, as text (repeatable)", collect)
      .option("--parameters <json>", "parameters as a JSON object")
      .option("--globals <json>", "globals as a JSON object")
      .option("--states <json>", "state items as a JSON object")
      .option("--result <json>", "what actions see as `result` (default: a sample of the type)")
      .option("--no-children", "leave out the jobs that a chain, dag, foreach or dispatch runs")
      .option("--check", "only find what fails and names that are undefined; status 1 if any")
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava render app/load", "with the realm's data and state"],
          ["lava render app/load -e dev --at 2026-11-23T18:00", "as the project has it now"],
          ["lava render --check -e dev", "undefined names in all jobs of the project"],
        ),
      ),
  ).action((jobs: string[], options: RenderOptions) => render(jobs, options, context));
};

async function render(
  ids: readonly string[],
  options: RenderOptions,
  context: CliContext,
): Promise<void> {
  if (ids.length === 0 && options.check !== true) {
    throw new LavaError("BAD_OPTIONS", "Which job? Give its id, or --check for all jobs", {
      kind: "usage",
    });
  }
  const { renderJobTemplates } = await import("@lava/worker");
  const at = await startTime(options.at, context);
  const parameters = parseAssignments(options.param, options.parameters);
  const globals = parseAssignments(options.global, options.globals, "--globals");
  const states = stateOptions(options);
  const result = parseAssignments([], options.result, "--result");
  await withJobSource(options, context, async (source) => {
    const records = await findJobs(source, ids.length === 0 ? await source.ids() : ids);
    const rendered = [];
    for (const record of records) {
      rendered.push(
        await renderJobTemplates(record, {
          realm: source.realm,
          at,
          parameters,
          globals,
          state: async (defaults) => ({ ...(await source.state(defaults)), ...states }),
          findJob: options.children ? source.findJob : undefined,
          payloadFiles: source.payloadFiles,
          results:
            result === undefined
              ? undefined
              : { on_success: result, on_fail: result, on_retry: result },
        }),
      );
    }
    if (options.check === true) {
      const judged = ids.length === 0 ? rootsOf(rendered, records) : rendered;
      report(judged, rendered.length, source, options, context);
    } else if (options.json) {
      const [only, ...others] = rendered.map(renderedJson);
      printJson(context.stdout, others.length === 0 ? only : [only, ...others]);
    } else {
      for (const job of rendered) printJob(context.stdout, job);
    }
  });
}

type Rendered = Parameters<typeof issuesOfJobs>[0];

function report(
  rendered: Rendered,
  checked: number,
  source: JobSource,
  options: RenderOptions,
  context: CliContext,
): void {
  const issues = issuesOfJobs(rendered, source);
  if (issues.length > 0) context.exitStatus = EXIT.failure;
  if (options.json) {
    printJson(context.stdout, { ok: issues.length === 0, checked, issues });
    return;
  }
  const style = styles(context.stderr);
  for (const issue of issues) {
    const place = issue.file === undefined ? `${issue.job_id}: ` : "";
    printLine(context.stderr, `${style.red("error")}: ${place}${formatIssue(issue)}`);
  }
  const s = (count: number): string => (count === 1 ? "" : "s");
  printLine(
    context.stdout,
    `${checked} job${s(checked)}: ${issues.length} fault${s(issues.length)}`,
  );
}

/** Milliseconds. */
async function startTime(text: string | undefined, { clock }: CliContext): Promise<number> {
  if (text === undefined) return clock.now();
  const { parseAnyTime } = await import("@lava/worker");
  try {
    return parseAnyTime(text);
  } catch (cause) {
    throw new LavaError("BAD_OPTIONS", `--at: not a time: ${text}`, {
      cause,
      kind: "usage",
      hint: "Write it as ISO 8601: 2026-11-23T18:00:00, in local time, or with an offset.",
    });
  }
}

/** Ids of state items have dots and slashes of their own: nothing nests. */
function stateOptions({ state = [], states }: RenderOptions): DataMap {
  const values: Record<string, Data> = { ...parseAssignments([], states, "--states") };
  for (const word of state) {
    const at = word.indexOf("=");
    if (at < 1) {
      throw new LavaError("BAD_ASSIGNMENT", `Not of the form id=value: ${word}`, { kind: "usage" });
    }
    values[word.slice(0, at)] = word.slice(at + 1);
  }
  return values;
}
