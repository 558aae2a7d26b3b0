import { type Data, type DataMap, errorText, isMap, type Issue } from "@lava/core";
import { createRenderer, findUndefinedNames, templateUtils, toData } from "@lava/render";
import {
  everyJobTemplates,
  isActionType,
  isJobType,
  parseActionParameters,
  parseJobParameters,
  type RealmRecord,
  type StoredJob,
} from "@lava/spec";
import type { ActionEvent } from "../action.ts";
import type { Job } from "../handler.ts";
import { actionsFor, actionsPath } from "../run-actions.ts";
import { toTemplateContext } from "../template-context.ts";
import { toJob } from "../to-job.ts";
import {
  belowPath,
  createFieldRenderer,
  movedIssue,
  type TemplateExtras,
} from "./field-renderer.ts";
import { childrenOf } from "./job-children.ts";
import { actionFields, jobFields } from "./job-fields.ts";
import {
  issuesOf,
  type ObservedRenderer,
  renderField,
  type RenderedField,
} from "./render-field.ts";
import { renderFiles, type PayloadText } from "./render-files.ts";
import { sampleResult } from "./sample-results.ts";

/** The run id of jobs that are only rendered. */
export const PREVIEW_RUN_ID = "00000000-0000-4000-8000-000000000000";

/** What a job is rendered with. */
export interface RenderJobOptions {
  readonly realm: RealmRecord;
  /** When the run starts, in ms: `start`, and what `utils.datetime.now()` gives. */
  readonly at: number;
  /** Laid over those of the job, as a dispatch does. */
  readonly parameters?: DataMap | undefined;
  readonly globals?: DataMap | undefined;
  /** Values of state items by id, secrets as references; what is not there keeps the job's default. */
  readonly state: (defaults: DataMap) => Promise<DataMap>;
  /** A job of the realm or project: children of chain, dag, foreach and dispatch are rendered too. */
  readonly findJob?: ((job_id: string) => Promise<StoredJob | undefined>) | undefined;
  /** Texts of the payload files of sql, sqlc and sqlv jobs. */
  readonly payloadFiles?: ((payload: Data) => Promise<readonly PayloadText[]>) | undefined;
  /** `result` of the actions of an event; samples of the right shape otherwise. */
  readonly results?: Readonly<Partial<Record<ActionEvent, DataMap>>> | undefined;
}

/** A job with all its templates rendered. */
export interface RenderedJob {
  readonly job_id: string;
  readonly run_id: string;
  readonly type: string;
  /** The names that all its templates see, without `utils`; datetimes as ISO text. */
  readonly context: DataMap;
  readonly fields: readonly RenderedField[];
  /** Faults that belong to no template: parameters that cannot be read, children that are not there. */
  readonly issues: readonly Issue[];
  readonly children: readonly RenderedJob[];
  /** Of a foreach whose values are known only at run time: names may be missing. */
  readonly hasUnknownValues: boolean;
}

/** Where a rendered job comes from. */
export interface RenderOrigin {
  readonly parameters: DataMap;
  readonly globals: DataMap;
  readonly lineage: readonly string[];
  readonly hasUnknownValues: boolean;
}

/**
 * Renders every template of a job (and of its children) as a worker does, without running anything: the same
 * names, in the same order. The same options always give the same result.
 */
export async function renderJobTemplates(
  record: StoredJob,
  options: RenderJobOptions,
): Promise<RenderedJob> {
  return await renderOne(record, options, {
    parameters: { ...record.parameters, ...options.parameters },
    globals: { ...record.globals, ...options.globals },
    lineage: [],
    hasUnknownValues: false,
  });
}

async function renderOne(
  record: StoredJob,
  options: RenderJobOptions,
  origin: RenderOrigin,
): Promise<RenderedJob> {
  const realm = { name: options.realm.realm, record: options.realm };
  const { parameters, globals } = origin;
  const ts_start = Math.floor(options.at / 1000) * 1000;
  const input = { record, run_id: PREVIEW_RUN_ID, parameters, globals };
  const started = toJob({ ...input, ts_dispatch: ts_start, ts_start }, { realm });
  const job = {
    ...started,
    state: await options.state(record.state),
    lava: { ...started.lava, iteration: 1 },
  };
  const names = toTemplateContext(job, realm, previewUtils(options.at));
  const issues: Issue[] = [];
  const renderer: ObservedRenderer = {
    issues,
    ...createFieldRenderer(createRenderer(), names, (issue) => void issues.push(issue)),
    inspect: (text, extra, at) =>
      findUndefinedNames(text, { ...names, ...extra }).map((issue) => movedIssue(issue, at)),
  };
  const faults: Issue[] = [];
  const parsed = readParameters(job, faults);
  const { utils: _utils, ...shown } = names;
  const fields = [
    ...renderEveryJob(record, renderer),
    ...renderOwn(job, parsed, renderer),
    ...(await renderFiles(job, parsed, names, options.payloadFiles, faults)),
    ...renderActions(job, options, renderer, faults),
  ];
  return {
    job_id: job.job_id,
    run_id: job.run_id,
    type: job.type,
    context: toDataMap(toData(shown)),
    fields,
    issues: faults,
    children: await renderChildren(job, parsed, fields, options, origin, faults),
    hasUnknownValues: origin.hasUnknownValues,
  };
}

/** `utils` that say the same each time. */
function previewUtils(at: number): unknown {
  let count = 0;
  return templateUtils({
    clock: { now: () => at, sleep: () => Promise.resolve() },
    uuid: () => {
      count += 1;
      return `00000000-0000-4000-8000-${String(count).padStart(12, "0")}`;
    },
  });
}

function readParameters(job: Job, faults: Issue[]): DataMap {
  if (!isJobType(job.type)) return job.rawParameters;
  try {
    return toDataMap(parseJobParameters(job.type, job.rawParameters));
  } catch (error) {
    faults.push(...issuesOf(error, ["parameters"]));
    return job.rawParameters;
  }
}

function renderEveryJob(record: StoredJob, renderer: ObservedRenderer): RenderedField[] {
  return everyJobTemplates.flatMap(({ field, ...rest }) => {
    const value = record.raw[field];
    const isTemplate = field === "enabled" ? typeof value === "string" : Boolean(value);
    if (!isTemplate || value === undefined) return [];
    return [renderField({ field: { field, ...rest }, path: [field], value }, renderer, {})];
  });
}

/** The fields of its type; a name that stands for another field's result gets it. */
function renderOwn(job: Job, parameters: DataMap, renderer: ObservedRenderer): RenderedField[] {
  const { vars } = parameters;
  const base: TemplateExtras = { vars: isMap(vars) ? toDataMap(vars) : {} };
  const fields = jobFields(job.type, job.payload, parameters);
  const results: Record<string, string> = {};
  return relationsOf(job.type, parameters).flatMap((relation) =>
    fields
      .filter(({ field }) => !/files|file-statements/.test(field.method))
      .map((found) => {
        const rendered = renderField(found, renderer, { ...base, ...results, ...relation });
        const last = found.path.at(-1);
        if (typeof last === "string" && typeof rendered.result === "string") {
          results[last] = rendered.result;
        }
        return rendered;
      }),
  );
}

/** A redshift_unload renders once for each relation; other types once. */
function relationsOf(type: string, { schema, relation }: DataMap): TemplateExtras[] {
  if (type !== "redshift_unload") return [{}];
  const relations = Array.isArray(relation) ? relation : [relation];
  return relations.map((name: Data | undefined) => ({
    schema: String(schema),
    relation: String(name),
  }));
}

const EVENTS: readonly ActionEvent[] = ["on_success", "on_fail", "on_retry"];

function renderActions(
  job: Job,
  { realm, results }: RenderJobOptions,
  renderer: ObservedRenderer,
  faults: Issue[],
): RenderedField[] {
  return EVENTS.flatMap((event) => {
    const actions = actionsFor(event, job.record.raw, realm.raw);
    if (actions === undefined) return [];
    const base = actionsPath(event, job.record.raw);
    if (!Array.isArray(actions)) {
      faults.push({ path: base, code: "bad_action", message: "action must be a list" });
      return [];
    }
    const result = results?.[event] ?? sampleResult(job, event);
    return actions.flatMap((action: Data, index) => {
      const path = [...base, index];
      try {
        const fields = actionFieldsOf(action, path, faults);
        const below: ObservedRenderer = {
          ...renderer,
          ...belowPath(renderer, path),
          inspect: (text, extra, at) =>
            renderer.inspect(text, extra, { ...at, path: [...path, ...at.path] }),
        };
        return fields.map((found) => {
          const rendered = renderField(found, below, { result });
          return { ...rendered, path: [...path, ...rendered.path] };
        });
      } catch (error) {
        faults.push(...issuesOf(error, path));
        return [];
      }
    });
  });
}

function actionFieldsOf(
  action: Data,
  path: readonly (string | number)[],
  faults: Issue[],
): ReturnType<typeof actionFields> {
  const type = isMap(action) ? action["action"] : undefined;
  if (!isMap(action) || typeof type !== "string" || !isActionType(type)) {
    faults.push({ path, code: "unknown_action", message: `${String(type)}: unknown action` });
    return [];
  }
  const parsed = parseActionParameters(type, toDataMap(action));
  return actionFields(type, toDataMap(parsed));
}

async function renderChildren(
  job: Job,
  parameters: DataMap,
  fields: readonly RenderedField[],
  options: RenderJobOptions,
  origin: RenderOrigin,
  faults: Issue[],
): Promise<RenderedJob[]> {
  const { findJob } = options;
  if (findJob === undefined) return [];
  const lineage = [...origin.lineage, job.job_id];
  const rendered: RenderedJob[] = [];
  try {
    for (const child of childrenOf(job, parameters, fields)) {
      const record = child.job_id === "" ? undefined : await findJob(child.job_id);
      if (record === undefined || lineage.includes(child.job_id)) {
        const what = record === undefined ? "No such job" : "contains itself";
        const message = `${child.job_id}: ${what}`;
        faults.push({ path: ["payload"], code: "bad_child", message });
        continue;
      }
      rendered.push(
        await renderOne(record, options, {
          parameters: { ...record.parameters, ...child.parameters },
          globals: { ...record.globals, ...child.globals },
          lineage,
          hasUnknownValues: origin.hasUnknownValues || child.hasUnknownValues,
        }),
      );
    }
  } catch (error) {
    faults.push({ path: ["payload"], code: "bad_payload", message: errorText(error) });
  }
  return rendered;
}

function toDataMap(value: unknown): DataMap {
  const data = toData(value);
  return isDataMap(data) ? data : {};
}

function isDataMap(value: Data): value is DataMap {
  return isMap(value);
}
