import { type Data, type DataMap, isMap } from "@lava/core";
import { createJobGraph } from "../children/job-graph.ts";
import { chainFrom, parseJobList } from "../children/job-list.ts";
import type { Job } from "../handler.ts";
import { childLavaGlobals } from "../lava-globals.ts";
import type { RenderedField } from "./render-field.ts";

/** A job that another one runs or dispatches, and what it hands on. */
export interface ChildOfJob {
  readonly job_id: string;
  /** Laid over those of its record. */
  readonly parameters: DataMap;
  /** Laid over those of its record, with `lava`. */
  readonly globals: DataMap;
  /** Whether values are known only when the job runs. */
  readonly hasUnknownValues: boolean;
}

/** The jobs that a job runs (chain, dag, foreach: for its first value) or dispatches (the type and the actions). */
export function childrenOf(
  job: Job,
  parameters: DataMap,
  fields: readonly RenderedField[],
): ChildOfJob[] {
  const own = (ids: readonly string[], more: Partial<ChildOfJob> = {}, index?: number) =>
    ids.map((job_id) => ({
      job_id,
      parameters: {},
      hasUnknownValues: false,
      ...more,
      globals: {
        ...job.globals,
        ...more.globals,
        lava: { ...childLavaGlobals(job.lava, job, index) },
      },
    }));
  const prefix = text(parameters["job_prefix"]) ?? "";
  switch (job.type) {
    case "chain":
      return own(chainFrom(job.payload, { prefix, start: text(parameters["start"]) }));
    case "dag":
      return own(createJobGraph(job.payload, prefix).ids);
    case "foreach": {
      const first = firstValue(parameters["foreach"]);
      const more = { globals: first ?? {}, hasUnknownValues: first === undefined };
      return own([text(job.payload) ?? ""], more, 0);
    }
    case "dispatch": {
      const sent = fields.find(({ path }) => path.join(".") === "parameters.parameters");
      const given = sent === undefined ? parameters["parameters"] : sent.result;
      return own(parseJobList(job.payload, prefix) ?? [], {
        parameters: isDataMap(given) ? given : {},
      });
    }
    default:
      return [];
  }
}

/** The globals of the first iteration, where the source is written in the job. */
function firstValue(source: Data | undefined): DataMap | undefined {
  if (!isDataMap(source)) return undefined;
  const { type, values, start, name } = source;
  if (type === "inline" && Array.isArray(values)) {
    const [first]: readonly Data[] = values;
    return isDataMap(first) ? first : {};
  }
  if (type === "range") return typeof name === "string" ? { [name]: start ?? 0 } : {};
  return undefined;
}

function text(value: Data | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isDataMap(value: Data | undefined): value is DataMap {
  return isMap(value);
}
